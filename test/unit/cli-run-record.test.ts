import type { EngineEvent, OpType, StepEventMetadata } from "@pulumi/pulumi/automation";
import { changeLines, countsLine } from "../../cli/shared/change-summary";
import { RunRecord } from "../../sandbox/engine/run-record";

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function urn(type: string, name: string): string {
  return `urn:pulumi:dev::platform::platform:openchecker:Main$${type}::${name}`;
}

interface Step {
  readonly before?: Record<string, unknown>;
  readonly after?: Record<string, unknown>;
  readonly detailedDiff?: Record<string, { diffKind: string; inputDiff: boolean }>;
  readonly custom?: boolean;
}

function metadata(op: string, type: string, name: string, step: Step = {}): StepEventMetadata {
  const state = (inputs: Record<string, unknown>) => ({ custom: step.custom ?? true, id: "", inputs, outputs: {} });
  return {
    op: op as OpType,
    urn: urn(type, name),
    type,
    provider: "provider",
    ...(step.before !== undefined && { old: state(step.before) }),
    ...(step.after !== undefined && { new: state(step.after) }),
    ...(step.detailedDiff !== undefined && { detailedDiff: step.detailedDiff }),
  } as StepEventMetadata;
}

const begin = (...args: Parameters<typeof metadata>) => ({ resourcePreEvent: { metadata: metadata(...args) } });
const end = (...args: Parameters<typeof metadata>) => ({ resOutputsEvent: { metadata: metadata(...args) } });
const message = (type: string, name: string, text: string, severity: string, ephemeral = false) => ({
  diagnosticEvent: { urn: urn(type, name), message: text, severity, ephemeral, color: "never" },
});

function record(...events: object[]): RunRecord {
  const run = new RunRecord();
  for (const event of events) run.handle(event as EngineEvent);
  return run;
}

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const main = (image: string) => ({
  metadata: { namespace: "openchecker", name: "main" },
  spec: { containers: [{ image }] },
});

test("names Kubernetes objects as kubectl does, and shows what changes", () => {
  const image = { "spec.containers[0].image": { diffKind: "update", inputDiff: true } };
  const run = record(
    end("update", DEPLOYMENT, "main", { before: main("a:1"), after: main("a:2"), detailedDiff: image }),
  );
  expect(changeLines(run.changes, true)).toEqual([
    "~ update  Deployment openchecker/main",
    "      spec.containers[0].image: a:1 → a:2",
  ]);
});

test("counts the steps of a replacement once, and calls it out after everything else", () => {
  const type = "kubernetes:batch/v1:Job";
  const path = { "spec.template": { diffKind: "update-replace", inputDiff: true } };
  const run = record(
    begin("create-replacement", type, "migrate", {
      after: { spec: { template: "b" } },
      before: {},
      detailedDiff: path,
    }),
    end("create-replacement", type, "migrate", { after: {} }),
    end("replace", type, "migrate", { after: {} }),
    end("delete-replaced", type, "migrate", { before: {} }),
    end("delete", DEPLOYMENT, "old", { before: main("a:1") }),
    end("create", "kubernetes:core/v1:Namespace", "x", { after: { metadata: { name: "openchecker" } } }),
    end("same", "random:index/randomPassword:RandomPassword", "admin", { after: {} }),
  );
  expect(countsLine(run.counts, true)).toBe("1 to create, 1 to replace, 1 to delete, 1 unchanged");
  expect(changeLines(run.changes, false)).toEqual([
    "+ create  Namespace openchecker",
    "± REPLACE Job migrate",
    "      spec.template  (forces the replacement)",
    "- DELETE  Deployment openchecker/main",
  ]);
});

test("components, providers and the stack itself are not objects", () => {
  const run = record(
    end("create", "platform:openchecker:Main", "main", { after: {}, custom: false }),
    end("create", "pulumi:providers:kubernetes", "cluster", { after: {} }),
  );
  expect(countsLine(run.counts, false)).toBe("0 changes");
});

test("hides secrets and what is not known yet", () => {
  const paths = ["data.password", "metadata.annotations", "spec.token", "spec.url"];
  const run = record(
    end("update", "kubernetes:core/v1:Secret", "s", {
      before: { data: { password: "hunter1" }, metadata: {}, spec: { url: "x" } },
      after: {
        data: { password: "hunter2" },
        metadata: { annotations: { a: SECRET } },
        spec: { token: SECRET, url: UNKNOWN },
      },
      detailedDiff: Object.fromEntries(paths.map((path) => [path, { diffKind: "update", inputDiff: true }])),
    }),
  );
  const lines = changeLines(run.changes, true).join("\n");
  expect(lines).not.toMatch(/hunter|4dabf|04da6b54/);
  expect(lines).toContain("data.password: [secret] → [secret]");
  expect(lines).toContain('metadata.annotations: (none) → {"a":"[secret]"}');
  expect(lines).toContain("spec.token: (none) → [secret]");
  expect(lines).toContain("spec.url: x → (known later)");
});

test("finds values behind quoted keys", () => {
  const data = (text: string) => ({ data: { "config.ini": text } });
  const path = { 'data["config.ini"]': { diffKind: "update", inputDiff: true } };
  const type = "kubernetes:core/v1:ConfigMap";
  const run = record(end("update", type, "c", { before: data("a\nb"), after: data("c"), detailedDiff: path }));
  expect(changeLines(run.changes, true)[1]).toBe('      data["config.ini"]: a↵b → c');
});

test("says what the run is waiting for", () => {
  const type = "kubernetes:apps/v1:StatefulSet";
  const run = record(
    begin("create", DEPLOYMENT, "done", { after: main("a:1") }),
    end("create", DEPLOYMENT, "done", { after: main("a:1") }),
    begin("create", DEPLOYMENT, "main", { after: main("a:1") }),
    begin("create", type, "broker", { after: { metadata: { name: "rabbitmq" } } }),
    message(type, "broker", "<{%fg 2%}>1 of 3 replicas ready<{%reset%}>\n", "info", true),
  );
  expect(run.progress).toBe("1 done, StatefulSet rabbitmq: 1 of 3 replicas ready (and 1 more)");
});

test("keeps each failure once with its resource, and never the engine's debug notes", () => {
  const run = record(
    begin("create", DEPLOYMENT, "main", { after: main("a:1") }),
    message(DEPLOYMENT, "main", "password=hunter2", "debug"),
    message(DEPLOYMENT, "main", "image cannot be pulled", "error"),
    message(DEPLOYMENT, "main", "image cannot be pulled", "error"),
    message(DEPLOYMENT, "main", "old API", "warning"),
    { resOpFailedEvent: { metadata: metadata("create", DEPLOYMENT, "main", { after: main("a:1") }) } },
  );
  expect(run.failures).toMatchObject([{ label: "Deployment openchecker/main", messages: ["image cannot be pulled"] }]);
  expect(run.warningMessages).toEqual(["Deployment openchecker/main: old API"]);
  expect(JSON.stringify([run.changes, run.progress])).not.toContain("hunter2");
});
