import { spawn } from "node:child_process";
import { join } from "node:path";
import { type ReportViolation, type StackValidationArgs, unknownCheckingProxy } from "@pulumi/policy";
import { POLICIES } from "../../policy/crossguard";
import type { Manifest } from "../../policy/manifest";
import { RULES } from "../../policy/registry";
import { goodStack, service } from "./examples/objects";

/** How the engine writes a text that it does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A resource as the policy SDK hands it to policies. */
function resource(manifest: Manifest, outputs: Record<string, unknown> = {}) {
  const group = manifest.apiVersion.includes("/") ? manifest.apiVersion : `core/${manifest.apiVersion}`;
  const name = String(manifest.metadata.name);
  const type = `kubernetes:${group}:${manifest.kind}`;
  const opts = { protect: false, ignoreChanges: [], aliases: [], additionalSecretOutputs: [] };
  return {
    type,
    name,
    urn: `urn:pulumi:dev::platform::${type}::${name}`,
    props: unknownCheckingProxy({ ...manifest, ...outputs }),
    opts: { ...opts, customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 } },
    isType: () => false,
    asType: () => undefined,
    dependencies: [],
    propertyDependencies: {},
  };
}

class NotApplicable extends Error {}

/** Runs every policy the way the engine does. @returns `policy: message` of each violation */
async function violations(...resources: readonly ReturnType<typeof resource>[]) {
  const found: string[] = [];
  const common = {
    stackTags: new Map<string, string>(),
    getConfig: <T extends object>() => ({}) as T,
    notApplicable: (reason?: string): never => {
      throw new NotApplicable(reason);
    },
  };
  for (const policy of POLICIES) {
    const report: ReportViolation = (message) => found.push(`${policy.name}: ${message}`);
    if ("validateStack" in policy) {
      await policy.validateStack({ ...common, resources } as unknown as StackValidationArgs, report);
      continue;
    }
    for (const each of resources) {
      for (const validate of [policy.validateResource ?? []].flat()) {
        try {
          await validate({ ...common, ...each }, report);
        } catch (error) {
          if (!(error instanceof NotApplicable)) throw error;
        }
      }
    }
  }
  return found;
}

test("finds nothing in resources that keep to every rule", async () => {
  expect(await violations(...goodStack().map((manifest) => resource(manifest)))).toEqual([]);
});

test("reports violations of one object and of objects together", async () => {
  expect(await violations(resource(service({ type: "NodePort" })))).toEqual(
    ["exposed-services: is of the type NodePort", "dangling-service: selects no pod by app=web"].sort(
      (one, other) => policyIndex(one) - policyIndex(other),
    ),
  );
});

test("leaves out what depends on unknown values, and only that", async () => {
  const found = await violations(resource(service({ type: UNKNOWN, ports: [{ port: 80, targetPort: "a_b" }] })));
  expect(found).toEqual(['invalid-target-ports: has the invalid target port "a_b"']);
});

test("an unknown part of one object does not hide another", async () => {
  const metadata = { name: UNKNOWN, namespace: UNKNOWN, labels: UNKNOWN };
  const hidden = resource({ ...service({}, "hidden") }, { metadata, spec: UNKNOWN });
  expect(await violations(hidden)).toEqual([]);
});

test("judges what the program asks for, not what the cluster filled in", async () => {
  const filledIn = goodStack().map((manifest) =>
    resource(manifest, {
      __inputs: manifest,
      spec: { replicas: 2 },
      status: UNKNOWN,
    }),
  );
  expect(await violations(...filledIn)).toEqual([]);
});

test.each([
  "random:index/randomPassword:RandomPassword",
  "pulumi:providers:kubernetes",
  "platform:openchecker:AgentPool",
  "kubernetes:helm.sh/v4:Chart",
  "kubernetes:yaml/v2:ConfigGroup",
  "kubernetes:core/v1:ServicePatch",
])("ignores the type %s, which is no Kubernetes object by itself", async (type) => {
  expect(await violations({ ...resource(service({ type: "NodePort" })), type })).toEqual([]);
});

test("still checks an object with an annotation that is not known yet", async () => {
  const annotated = resource(service({ type: "NodePort", selector: undefined }), {
    metadata: { ...service().metadata, annotations: { "example.com/address": UNKNOWN } },
  });
  expect(await violations(annotated)).toEqual(
    expect.arrayContaining(["exposed-services: is of the type NodePort", "dangling-service: has no selector"]),
  );
});

test("a matter of taste never blocks", () => {
  const blocking = POLICIES.filter(({ enforcementLevel }) => enforcementLevel === "mandatory");
  expect(blocking.some(({ severity }) => severity === "low")).toBe(false);
  expect(blocking.length).toBeGreaterThan(RULES.length / 2);
});

test("the pack starts as a process of its own, as the Pulumi CLI starts it", async () => {
  const runner = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const analyzer = spawn(process.execPath, [runner, "127.0.0.1:1", "."], {
    cwd: join(__dirname, "..", "..", "policy"),
  });
  const errors: string[] = [];
  analyzer.stderr.on("data", (chunk) => errors.push(String(chunk)));
  try {
    const answer = await new Promise<string>((resolve) => {
      analyzer.stdout.once("data", (chunk) => resolve(String(chunk).trim()));
      analyzer.once("exit", () => resolve(errors.join("")));
    });
    expect(answer).toMatch(/^\d+$/); // the port it listens on
  } finally {
    analyzer.kill();
  }
}, 60_000);

function policyIndex(violation: string): number {
  return POLICIES.findIndex(({ name }) => violation.startsWith(`${name}:`));
}
