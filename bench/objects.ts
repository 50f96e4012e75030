import { stringify } from "yaml";
import type { Manifest } from "../stacks/render";
import { UNKNOWN_SECRET } from "../stacks/settings/secrets";

/** Objects as `kubectl` and `helm` can take them: what the offline render closes has a value of a usual length. */
export function withSecretValues<Content extends Manifest>(manifest: Content): Content {
  return replaceTexts(manifest, (text, path) => {
    if (text !== UNKNOWN_SECRET) return text;
    const value = path.at(-1) === ".dockerconfigjson" ? '{"auths":{}}' : "bench-value-0123456789abcdef";
    return manifest.kind === "Secret" && path[0] === "data" ? Buffer.from(value).toString("base64") : value;
  });
}

/**
 * The same objects once more beside the first ones: everything that is unique in a cluster gets a number, wherever it is
 * named. The first copy is the original.
 */
export function copyOf(manifests: readonly Manifest[], copy: number): Manifest[] {
  if (copy === 1) return [...manifests];
  const unique = new Set(
    manifests.flatMap(({ kind, metadata }) =>
      metadata.namespace === undefined || kind === "Namespace" ? [metadata.name] : [],
    ),
  );
  return manifests.map((manifest) =>
    withoutNodePorts(
      replaceTexts(manifest, (text, path) => (unique.has(text) && path[0] !== "kind" ? `${text}-${copy}` : text)),
    ),
  );
}

/** A port of the nodes can be given once; without a number the cluster chooses one. */
function withoutNodePorts(manifest: Manifest): Manifest {
  return JSON.parse(JSON.stringify(manifest, (key, value) => (key === "nodePort" ? undefined : value))) as Manifest;
}

/** Objects of a cluster in one text, as `kubectl apply -f` takes them. */
export function asYaml(manifests: readonly Manifest[]): string {
  const options = { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;
  return manifests.map((each) => `---\n${stringify(each, options)}`).join("");
}

function replaceTexts<Content>(
  value: Content,
  change: (text: string, path: readonly string[]) => string,
  path: readonly string[] = [],
): Content {
  if (typeof value === "string") return change(value, path) as Content;
  if (Array.isArray(value)) return value.map((each) => replaceTexts(each, change, path)) as Content;
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, each]) => [key, replaceTexts(each, change, [...path, key])]);
  return Object.fromEntries(fields) as Content;
}
