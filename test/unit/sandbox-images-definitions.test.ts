import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type CatalogueImage, imageNames, images } from "../../catalog/images";
import { type ImageBuildName, imageBuildNames, imageDefinitions } from "../../sandbox/images";
import type { ImageDefinition } from "../../sandbox/images/definition";
import { programImages } from "../../sandbox/images/programs";
import { imageReference } from "../../sandbox/images/reference";

/** Parts of the cluster itself, which no stack deploys. */
const OF_THE_CLUSTER = ["coredns", "pause"];

const definitions = Object.entries(imageDefinitions) as [ImageBuildName, ImageDefinition][];

test("each image is one of the catalogue or a part of the cluster, and goes by its own name", () => {
  for (const [name, definition] of definitions) {
    expect(definition.name).toBe(name);
    expect([...imageNames, ...OF_THE_CLUSTER]).toContain(name);
  }
  expect(imageBuildNames).toEqual(definitions.map(([name]) => name));
});

test("no image passes for a vendor's", () => {
  for (const [name, { tag }] of definitions) {
    expect(imageReference(name, tag)).toMatch(/^sandbox\.invalid\/platform\/[a-z0-9.-]+:[a-z0-9.-]+$/);
  }
});

test.each(definitions)("%s does not run as root, and its user has numbers", (_, { process }) => {
  expect(process.user).toMatch(/^[1-9]\d*:\d+$/);
});

test.each(definitions)("%s puts everything at an absolute path", (_, { content, directories, links, accounts }) => {
  const paths = [
    ...content.flatMap(({ from, to }) => [from, to]),
    ...(directories ?? []).map(({ path }) => path),
    ...Object.keys(links ?? {}),
    ...(accounts ?? []).map(({ home }) => home),
  ];
  for (const path of paths) expect(path).toMatch(/^\/[^\t\n]*[^/]$/);
});

test("the files that images of Debian's servers bring along are in the repository", () => {
  const packaged = definitions.filter(([name]) => !(name in programImages));
  const files = packaged.flatMap(([, { content }]) => content.map(({ from }) => from));
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  const folder = join(__dirname, "../../sandbox/images/servers/files");
  const unused = readdirSync(folder).filter((name) => !files.includes(join(folder, name)));
  expect(unused).toEqual([]);
});

interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly securityContext?: { readonly runAsUser?: number };
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly securityContext?: { readonly runAsUser?: number };
}

/** Every specification of a pod, however deep it is in the manifest. */
function podSpecs(value: unknown): PodSpec[] {
  if (typeof value !== "object" || value === null) return [];
  if ("containers" in value && Array.isArray(value.containers)) return [value as PodSpec];
  return Object.values(value).flatMap(podSpecs);
}

const reference = ({ registry, repository, tag }: CatalogueImage) => `${registry}/${repository}:${tag}`;

function usesIn(stack: string) {
  const root = join(__dirname, "../golden", stack);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((each) => each.endsWith(".yaml"));
  const names = new Map(imageNames.map((name) => [reference(images[name]), name]));
  return files
    .flatMap((file) => parseAllDocuments(readFileSync(join(root, file), "utf8")).map((each) => each.toJS()))
    .flatMap(podSpecs)
    .flatMap((pod) =>
      [...(pod.initContainers ?? []), ...pod.containers]
        .filter(({ command }) => command === undefined) // a client or a script, which any user may run
        .map(({ image, securityContext }) => ({
          image: names.get(image ?? ""),
          user: securityContext?.runAsUser ?? pod.securityContext?.runAsUser,
        })),
    );
}

test.each(["dev", "prod", "kpaas-v1.4.1", "kpaas-v1.6.0"])(
  "the users that the manifests of %s set have an account where the server wants one",
  (stack) => {
    const uses = usesIn(stack);
    const seen = new Set<string>();
    for (const [name, { accounts, process }] of definitions) {
      for (const { user } of uses.filter(({ image }) => image === name)) {
        const known = [...(accounts ?? []).map(({ uid }) => uid), Number(process.user.split(":")[0])];
        expect({ name, user: known.includes(user ?? -1) }).toEqual({ name, user: true });
        seen.add(name);
      }
    }
    expect(seen.size).toBeGreaterThan(3);
  },
);
