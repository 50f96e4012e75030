import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { imageNames } from "../../catalog/images";
import type { PodLabels } from "../../components/contracts";
import { withRealNodeSettings } from "../../sandbox/engine/real-node-settings";
import { IMAGE_PREFIX } from "../../sandbox/images/reference";
import {
  labelsOfSimulated,
  type NodeImage,
  nodeImages,
  platformPrograms,
  simulatedReason,
} from "../../sandbox/node/systems";
import { truthTable } from "../../sandbox/node/truth-table";
import { stackNetwork } from "../../stacks/graph";
import { type Manifest, renderConfiguration } from "../../stacks/render";
import { readStackFile } from "../../stacks/render/stack-file";

const ROOT = resolve(__dirname, "../..");
const SIMULATED_FOR_GOOD = ["harbor-nginx", "harbor-registry", "oauth2-proxy"];

/** As if the sandbox could make all that it plans to. */
const planned = {
  chartmuseum: { tag: "v0.16.2", title: "ChartMuseum" },
  "harbor-database": { tag: "15", title: "PostgreSQL 15" },
  "harbor-nginx": { tag: "1.22", title: "nginx" },
  "harbor-redis": { tag: "7.0", title: "Redis" },
  "harbor-registry": { tag: "2.8", title: "distribution" },
  keycloak: { tag: "25.0.4", title: "Keycloak" },
  mariadb: { tag: "10.11", title: "MariaDB" },
  "mariadb-10.11": { tag: "10.11", title: "MariaDB" },
  "oauth2-proxy": { tag: "v7.13.0", title: "oauth2-proxy" },
  pause: { tag: "1", title: "pause" },
  postgres: { tag: "15", title: "PostgreSQL 15" },
  "postgres-exporter": { tag: "v0.17.1", title: "exporter" },
  python: { tag: "3.11", title: "Python" },
  rabbitmq: { tag: "3.10", title: "RabbitMQ" },
  sonarqube: { tag: "10.7.0", title: "SonarQube" },
  vault: { tag: "1.15.0", title: "Vault" },
  "vault-1.11": { tag: "1.15.0", title: "Vault" },
};

test("a stack gets the images that something real uses, and no others", () => {
  const names = nodeImages(planned).map(({ name }) => name);
  expect(names).toEqual(
    Object.keys(planned)
      .filter((name) => name !== "pause" && !SIMULATED_FOR_GOOD.includes(name))
      .sort(),
  );
  expect(nodeImages({})).toEqual([]);
});

test("every image of the catalogue stands in the table", () => {
  const used = new Set(platformPrograms.flatMap(({ images }) => images));
  expect([...used].sort()).toEqual([...imageNames].sort());
});

test("what needs a server is simulated where the server is", () => {
  const all = nodeImages(planned);
  const without = (image: string) => all.filter(({ name }) => name !== image);
  expect(labelsOfSimulated(all)).toEqual(["harbor-bootstrap"]);
  expect(labelsOfSimulated(without("keycloak"))).toEqual(["harbor-bootstrap", "keycloak-realm"]);
  const realm = platformPrograms.find(({ program }) => program === "realm Job");
  expect(realm && simulatedReason(realm, without("keycloak"))).toBe("it asks Keycloak, which is simulated");
});

test("the table tells real from simulated, with image and reason", () => {
  const table = truthTable([{ name: "mariadb", title: "MariaDB 10.11 (Debian)", tag: "10.11" }]);
  expect(table).toContain(
    "| MariaDB | server, with its access Jobs | simulated | **real**: MariaDB 10.11 (Debian), " +
      "`sandbox.invalid/platform/mariadb:10.11` | `docker.io/library/mariadb:11.4.13` or `docker.io/library/mariadb:10.11.19` |",
  );
  expect(table).toMatch(
    /\| Harbor \| core \| simulated \| simulated: its image is published on .* only \| `docker\.io/,
  );
  expect(table).toMatch(
    /\| K-PaaS \| portal suite \| simulated \| simulated: you build its image \| your own image \|/,
  );
});

interface Template {
  readonly namespace: string | undefined;
  readonly labels: PodLabels;
  readonly images: readonly string[];
}

interface PodTemplate {
  readonly metadata: { readonly labels: PodLabels };
  readonly spec: Readonly<Record<"containers" | "initContainers", readonly { readonly image: string }[] | undefined>>;
}

function podTemplates(manifests: readonly Manifest[]): Template[] {
  return manifests.flatMap(({ kind, metadata, ...fields }) => {
    const { spec } = fields as { spec?: { template?: PodTemplate; jobTemplate?: { spec: { template: PodTemplate } } } };
    const template = kind === "CronJob" ? spec?.jobTemplate?.spec.template : spec?.template;
    if (template?.spec?.containers === undefined) return [];
    const { initContainers = [], containers = [] } = template.spec;
    const images = [...initContainers, ...containers].map(({ image }) => image);
    return [{ namespace: metadata.namespace, labels: template.metadata.labels, images }];
  });
}

describe.each(["dev", "prod"])("the stack %s with the images of the real node", (stack) => {
  const made: NodeImage[] = nodeImages(planned);
  let templates: Template[];
  const isReal = ({ images, labels }: Template, simulated: readonly string[]) =>
    images.every((image) => image.startsWith(`${IMAGE_PREFIX}/`)) &&
    !simulated.includes(labels["app.kubernetes.io/name"] ?? "");

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "platform-node-stack-"));
    const file = `Pulumi.${stack}.yaml`;
    const { text } = withRealNodeSettings(file, readFileSync(join(ROOT, file), "utf8"), {
      images: made,
      apiServerPort: 22_000,
    });
    copyFileSync(join(ROOT, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    writeFileSync(join(folder, file), text);
    templates = podTemplates(await renderConfiguration(readStackFile(folder, stack)));
    rmSync(folder, { recursive: true });
  });

  test("no rule of the settings refuses them, and the version of a program is told as it is", () => {
    const versions = new Map(
      templates
        .filter((each) => isReal(each, labelsOfSimulated(made)))
        .map(({ labels, images }) => [labels["app.kubernetes.io/name"], images.at(0)]),
    );
    expect(versions.get("rabbitmq")).toBe(`${IMAGE_PREFIX}/rabbitmq:3.10`);
    expect(versions.get("postgresql")).toBe(`${IMAGE_PREFIX}/postgres:15`);
    expect(versions.get("mariadb")).toBe(`${IMAGE_PREFIX}/mariadb:10.11`);
    expect(versions.get("vault")).toBe(`${IMAGE_PREFIX}/vault:1.15.0`);
    expect([...versions.keys()].sort()).toEqual([
      "chartmuseum",
      "harbor",
      "keycloak",
      "keycloak-realm",
      "kubekloud-tenant-guard",
      "mariadb",
      "openhands-sandbox-account",
      "postgresql",
      "rabbitmq",
      "sonarqube",
      "sonarqube-bootstrap",
      "vault",
      "vault-bootstrap",
    ]);
  });

  /** Connections from pods on the real node to pods that only seem to run. */
  async function brokenConnections(simulated: readonly string[]): Promise<string[]> {
    const { connections } = await stackNetwork(stack);
    const behind = (namespace: string, podLabels: PodLabels) =>
      templates.filter(
        (each) =>
          each.namespace === namespace && Object.entries(podLabels).every(([key, value]) => each.labels[key] === value),
      );
    return connections.flatMap(({ from, to }) => {
      const target = "podLabels" in to ? to : to.peer;
      if (!("podLabels" in from) || !("namespace" in target)) return [];
      const sources = behind(from.namespace, from.podLabels).filter((each) => isReal(each, simulated));
      const targets = behind(target.namespace, target.podLabels);
      return sources.length > 0 && targets.some((each) => !isReal(each, simulated))
        ? [`${from.name} → ${to.system}`]
        : [];
    });
  }

  test("what runs for real talks to nothing that is simulated", async () => {
    expect(await brokenConnections(labelsOfSimulated(made))).toEqual([]);
  });

  test("it would, if the Jobs of simulated servers were not kept simulated", async () => {
    expect(await brokenConnections([])).toEqual(["harbor-bootstrap → Harbor"]);
  });
});
