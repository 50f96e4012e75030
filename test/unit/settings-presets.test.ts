import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { agentPools, parseSettings, type Settings, settingsSchema } from "../../stacks/settings";
import { fieldsOf, viewOf } from "../../stacks/settings/schema-view";
import { settingsOf } from "./settings-support";

const root = join(__dirname, "..", "..");

function yamlOf(file: string): { config: Record<string, unknown> } {
  return parse(readFileSync(join(root, file), "utf8"));
}

/** The settings that a stack file of this repository gives; none of them holds an encrypted value. */
function settingsOfFile(stack: string): Settings {
  const { config } = yamlOf(`Pulumi.${stack}.yaml`);
  const own = Object.entries(config).filter(([key]) => key.startsWith("platform:"));
  const configured = Object.fromEntries(own.map(([key, value]) => [key.slice("platform:".length), value]));
  return parseSettings({ stack, configured, secretKeys: new Set() });
}

test("the stack file of production gives what the seed document says", () => {
  const { openchecker, nfs, cluster } = settingsOfFile("prod");

  expect(openchecker.namespace).toBe("openchecker");
  expect(openchecker.main.replicas).toBe(1);
  expect(openchecker.agents.replicas).toBe(3);
  expect(openchecker.exposure).toEqual({
    type: "ingress",
    host: "openchecker.mlops.pub",
    tls: { from: "issuer", issuer: "letsencrypt-dns01", secretName: "openchecker-mlops-pub-tls" },
  });
  expect(openchecker.storage).toEqual({ size: "10Mi", path: "/nfs_provisioner_data/openchecker-data/config" });
  expect(nfs).toMatchObject({ server: "192.168.0.110", path: "/nfs_provisioner_data", storageClass: "nfs-client" });
  expect(cluster.ingress.className).toBe("nginx");
});

test("production guards its data and has a broker that survives the loss of a node", () => {
  const { lifecycle, rabbitmq } = settingsOfFile("prod");

  expect(lifecycle).toEqual({ protectData: true, retainData: true });
  expect(rabbitmq.replicas).toBe(3);
});

test("the development stack needs nothing that a fresh cluster lacks", () => {
  const { cluster, openchecker, lifecycle } = settingsOfFile("dev");

  expect(cluster.capabilities).toMatchObject({ certManager: false, keda: false, prometheusOperator: false });
  expect(openchecker.exposure).toMatchObject({ tls: { from: "selfMade" } });
  expect(lifecycle.protectData).toBe(false);
});

test.each(["dev", "prod"])("the stack %s switches off the default Kubernetes provider", (stack) => {
  expect(yamlOf(`Pulumi.${stack}.yaml`).config["pulumi:disable-default-providers"]).toContain("kubernetes");
});

test("Pulumi.yaml describes every section in the words of the schema", () => {
  const declared = Object.entries(yamlOf("Pulumi.yaml").config);
  const sections = Object.entries(fieldsOf(viewOf(settingsSchema))).filter(([name]) => name !== "preset");

  expect(declared).toEqual(
    sections.map(([name, { description }]) => [`platform:${name}`, { type: "object", description, default: {} }]),
  );
});

test("the preset follows the name of the stack, unless the stack says otherwise", () => {
  expect(settingsOf({}, { stack: "dev" }).rabbitmq.replicas).toBe(1);
  expect(settingsOf({}, { stack: "prod" }).rabbitmq.replicas).toBe(3);
  expect(settingsOf({ preset: "prod" }, { stack: "staging" }).preset).toBe("prod");
  expect(settingsOf({ preset: "prod" }, { stack: "dev" }).rabbitmq.replicas).toBe(3);
});

test("values of the stack win over the preset key by key", () => {
  const { openchecker, rabbitmq } = settingsOf({
    rabbitmq: { resources: { limits: { memory: "6Gi" } } },
    openchecker: { exposure: { host: "checker.example.org" } },
  });

  expect(rabbitmq.resources).toEqual({
    requests: { cpu: "1", memory: "4Gi" },
    limits: { cpu: "1", memory: "6Gi" },
  });
  expect(openchecker.exposure).toMatchObject({
    type: "ingress",
    host: "checker.example.org",
    tls: { from: "issuer", issuer: "letsencrypt-dns01" },
  });
});

test("another variant leaves nothing of the preset's behind", () => {
  const exposed = (exposure: object) => settingsOf({ openchecker: { exposure } }).openchecker.exposure;

  expect(exposed({ type: "nodePort", nodePort: 30080 })).toEqual({ type: "nodePort", nodePort: 30080 });
  expect(exposed({ tls: { from: "selfMade" } })).toEqual({
    type: "ingress",
    host: "openchecker.mlops.pub",
    tls: { from: "selfMade" },
  });
});

test("a list of the stack replaces a list as a whole", () => {
  const { nfs } = settingsOf({ nfs: { mountOptions: ["nfsvers=3"] } });

  expect(nfs.mountOptions).toEqual(["nfsvers=3"]);
});

test("a plain number is a quantity, too", () => {
  const { openchecker } = settingsOf({ openchecker: { agents: { resources: { limits: { cpu: 6 } } } } });

  expect(openchecker.agents.resources.limits.cpu).toBe("6");
});

test("a pool takes from the workers what it does not set, and pools come in the order of their names", () => {
  const { openchecker } = settingsOf({
    cluster: { capabilities: { keda: true } },
    openchecker: {
      agents: {
        terminationGraceSeconds: 600,
        autoscaling: { type: "cpu", minReplicas: 1, maxReplicas: 9 },
        pools: {
          small: { resources: { requests: { memory: "1Gi" } }, autoscaling: { type: "none" }, replicas: 2 },
          next: { generation: "current", image: { tag: "v1.0" } },
        },
      },
    },
  });
  const [seed, next, small] = agentPools(openchecker.agents);

  expect(seed).toMatchObject({ name: "openchecker-agent", generation: "classic", image: {} });
  expect(next).toMatchObject({
    name: "openchecker-agent-next",
    generation: "current",
    image: { tag: "v1.0" },
    terminationGraceSeconds: 600,
    autoscaling: { type: "cpu", minReplicas: 1, maxReplicas: 9, targetUtilizationPercent: 70 },
  });
  expect(small).toMatchObject({
    name: "openchecker-agent-small",
    replicas: 2,
    autoscaling: { type: "none" },
    resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "4", memory: "8Gi" } },
  });
});
