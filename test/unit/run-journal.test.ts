import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExportedStack } from "../../sandbox/engine/pending-operations";
import { type JournalEntry, type RegistrationEntry, rebuildState } from "../../sandbox/engine/rebuild-state";
import { RunJournal } from "../../sandbox/engine/run-journal";
import { appendEntry, type OperationEntry, readEntries, withJournal } from "../../sandbox/providers/journal";
import { UnreachableError } from "../../sandbox/providers/kubernetes/api-error";
import { makeSecret } from "../../sandbox/providers/protocol/property-values";
import { InitializationError, type ResourceProvider } from "../../sandbox/providers/protocol/resource-provider";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "platform-journal-"));
  mkdirSync(join(state, ".pulumi/stacks/platform"), { recursive: true });
});
afterEach(() => rmSync(state, { recursive: true }));

const identity = { stack: "dev", project: "platform" };
const prefix = "urn:pulumi:dev::platform::";
const stackUrn = `${prefix}pulumi:pulumi:Stack::platform-dev`;
const configMap = "kubernetes:core/v1:ConfigMap";
const password = "random:index/randomPassword:RandomPassword";
const signature = "4dabf18193072939515e22adb298388d";

type Stored = Record<string, unknown> & { urn: string; type: string };

function registration(
  type: string,
  name: string,
  options: Record<string, unknown> = {},
  rest: Partial<RegistrationEntry> = {},
): RegistrationEntry {
  const custom = type.split(":").length === 3 && !type.startsWith("platform:");
  return {
    step: "registration",
    type,
    name,
    parent: stackUrn,
    custom,
    provider: "",
    version: "1.2.3",
    options: { dependencies: [], propertyDependencies: {}, ...options },
    ...rest,
  };
}

const stack = registration("pulumi:pulumi:Stack", "platform-dev", {}, { parent: "", custom: false });

function urn(type: string, name: string): string {
  return `${prefix}${type}::${name}`;
}

function begin(operation: OperationEntry["operation"], type: string, name: string, inputs = {}): OperationEntry {
  return { urn: urn(type, name), type, operation, step: "begin", inputs };
}

function end(operation: OperationEntry["operation"], type: string, name: string, id: string, values = {}) {
  const about = { urn: urn(type, name), type, operation };
  return [
    { ...about, step: "begin", inputs: values },
    { ...about, step: "end", id, inputs: values, outputs: values },
  ] as OperationEntry[];
}

function rebuild(entries: readonly JournalEntry[], resources: readonly Stored[] = []) {
  const { deployment } = rebuildState<ExportedStack>({ deployment: { resources } }, entries, identity);
  return { resources: deployment.resources as readonly Stored[], pending: deployment.pending_operations ?? [] };
}

function stored(type: string, name: string, id: string, rest: Record<string, unknown> = {}): Stored {
  return { urn: urn(type, name), custom: true, type, id, inputs: {}, outputs: {}, ...rest };
}

function named(resources: readonly Stored[], type: string, name: string): Stored[] {
  return resources.filter((each) => each.urn === urn(type, name));
}

describe("the rebuilt state", () => {
  test("has what was created, with its values, its options, and its default provider", () => {
    const settings = registration(configMap, "a", { protect: true });
    const { resources, pending } = rebuild([stack, settings, ...end("create", configMap, "a", "ns/a", { data: "1" })]);
    const provider = resources.find(({ type }) => type === "pulumi:providers:kubernetes");
    expect(provider).toMatchObject({ urn: urn("pulumi:providers:kubernetes", "default_1_2_3") });
    expect(named(resources, configMap, "a")).toEqual([
      expect.objectContaining({
        id: "ns/a",
        inputs: { data: "1" },
        outputs: { data: "1" },
        protect: true,
        parent: stackUrn,
        provider: `${provider?.urn}::${provider?.["id"]}`,
      }),
    ]);
    expect(pending).toEqual([]);
  });

  test("has one default provider of a version, the one that is there", () => {
    const known = stored("pulumi:providers:kubernetes", "default_1_2_3", "known");
    const entries = ["a", "b"].flatMap((name) => [
      registration(configMap, name),
      ...end("create", configMap, name, `ns/${name}`),
    ]);
    const { resources } = rebuild([stack, ...entries], [known]);
    expect(resources.filter(({ type }) => type.startsWith("pulumi:providers:"))).toEqual([known]);
    for (const name of ["a", "b"]) {
      expect(named(resources, configMap, name)[0]).toMatchObject({ provider: `${known.urn}::known` });
    }
  });

  test("has the explicit provider under the id that the engine gave it, before what it serves", () => {
    const type = "pulumi:providers:kubernetes";
    const inputs = { context: "c" };
    const { resources } = rebuild([
      stack,
      registration(type, "cluster", {}, { inputs }),
      registration(configMap, "a", {}, { provider: `${urn(type, "cluster")}::given` }),
      ...end("create", configMap, "a", "ns/a"),
    ]);
    expect(resources.map((each) => each.urn)).toEqual([stackUrn, urn(type, "cluster"), urn(configMap, "a")]);
    expect(resources[1]).toMatchObject({ id: "given", outputs: { context: "c", version: "1.2.3" } });
  });

  test("keeps an explicit provider that was replaced until the run that deletes it", () => {
    const type = "pulumi:providers:kubernetes";
    const { resources } = rebuild(
      [
        stack,
        registration(type, "cluster", {}, { inputs: {} }),
        registration(configMap, "a", {}, { provider: `${urn(type, "cluster")}::new` }),
      ],
      [stored(type, "cluster", "old")],
    );
    expect(named(resources, type, "cluster").map(({ id, delete: old }) => [id, old])).toEqual([
      ["new", undefined],
      ["old", true],
    ]);
  });

  test("knows what a creation that was only begun would have made, but not that it was", () => {
    const { resources, pending } = rebuild([
      stack,
      registration(configMap, "a"),
      begin("create", configMap, "a", { kind: "ConfigMap" }),
    ]);
    expect(named(resources, configMap, "a")).toEqual([]);
    expect(pending).toEqual([
      {
        type: "creating",
        resource: expect.objectContaining({
          urn: urn(configMap, "a"),
          inputs: { kind: "ConfigMap" },
          parent: stackUrn,
        }),
      },
    ]);
  });

  test("knows nothing of a creation that failed", () => {
    const failed = { urn: urn(configMap, "a"), type: configMap, operation: "create", step: "failed" } as const;
    const { resources, pending } = rebuild([
      stack,
      registration(configMap, "a"),
      begin("create", configMap, "a"),
      failed,
    ]);
    expect(named(resources, configMap, "a")).toEqual([]);
    expect(pending).toEqual([]);
  });

  test("has the new values of an update, and the old ones while it was only begun", () => {
    const before = stored(configMap, "a", "ns/a", {
      inputs: { data: "1" },
      outputs: { data: "1" },
      initErrors: ["no"],
    });
    const settings = [stack, registration(configMap, "a")];
    const done = rebuild([...settings, ...end("update", configMap, "a", "ns/a", { data: "2" })], [before]).resources;
    expect(named(done, configMap, "a")).toEqual([
      expect.objectContaining({ inputs: { data: "2" }, outputs: { data: "2" } }),
    ]);
    expect(named(done, configMap, "a")[0]).not.toHaveProperty("initErrors");
    const begun = rebuild([...settings, begin("update", configMap, "a", { data: "2" })], [before]);
    expect(named(begun.resources, configMap, "a")).toEqual([before]);
    expect(begun.pending).toEqual([]);
  });

  test("is without what was deleted, and asks the cluster about what was only begun to be, or could not be awaited", () => {
    const three = ["a", "b", "c"].map((name) => stored(configMap, name, `ns/${name}`));
    const about = { urn: urn(configMap, "c"), type: configMap, operation: "delete" } as const;
    const { resources, pending } = rebuild(
      [
        ...end("delete", configMap, "a", "ns/a"),
        { ...begin("delete", configMap, "b"), id: "ns/b" } as OperationEntry,
        { ...about, step: "begin", id: "ns/c", inputs: {} },
        { ...about, step: "failed" },
      ],
      three,
    );
    expect(resources).toEqual(three.slice(1));
    expect(pending).toEqual(three.slice(1).map((resource) => ({ type: "deleting", resource })));
  });

  describe("of a replacement that creates first", () => {
    const settings = [stack, registration(configMap, "a")];
    const created = end("create", configMap, "a", "ns/a-2");

    test("still has to delete the old one", () => {
      const { resources } = rebuild([...settings, ...created], [stored(configMap, "a", "ns/a-1")]);
      expect(named(resources, configMap, "a").map(({ id, delete: old }) => [id, old])).toEqual([
        ["ns/a-2", undefined],
        ["ns/a-1", true],
      ]);
    });

    test("has the new one only when the old one was deleted", () => {
      const entries = [...settings, ...created, ...end("delete", configMap, "a", "ns/a-1")];
      const { resources } = rebuild(entries, [stored(configMap, "a", "ns/a-1")]);
      expect(named(resources, configMap, "a").map(({ id }) => id)).toEqual(["ns/a-2"]);
    });
  });

  describe("of a replacement that deletes first", () => {
    const before = [
      stored(configMap, "a", "ns/a"),
      stored(configMap, "user", "ns/user", { dependencies: [urn(configMap, "a")] }),
    ];
    const settings = [stack, registration(configMap, "a")];
    const deleted = end("delete", configMap, "a", "ns/a");

    test("knows that the object is gone while others depend on it", () => {
      const { resources } = rebuild([...settings, ...deleted], before);
      expect(named(resources, configMap, "a")).toEqual([{ ...before[0], pendingReplacement: true }]);
      expect(named(resources, configMap, "user")).toEqual([before[1]]);
    });

    test("has the new one in its place", () => {
      const { resources } = rebuild([...settings, ...deleted, ...end("create", configMap, "a", "ns/a")], before);
      expect(named(resources, configMap, "a")).toHaveLength(1);
      expect(named(resources, configMap, "a")[0]).not.toHaveProperty("pendingReplacement");
    });
  });

  test("depends on nothing that was never made", () => {
    const missing = urn(configMap, "missing");
    const known = stored(configMap, "known", "ns/known");
    const options = {
      dependencies: [missing, known.urn],
      propertyDependencies: { data: [missing] },
      deletedWith: missing,
    };
    const { resources } = rebuild(
      [stack, registration(configMap, "a", options), ...end("create", configMap, "a", "ns/a")],
      [known],
    );
    const [made] = named(resources, configMap, "a");
    expect(made).toMatchObject({ dependencies: [known.urn], propertyDependencies: { data: [] } });
    expect(made).not.toHaveProperty("deletedWith");
  });

  test("has everything after what it depends on", () => {
    const options = { dependencies: [urn(configMap, "b")] };
    const { resources } = rebuild([
      registration(configMap, "a", options),
      registration(configMap, "b"),
      ...end("create", configMap, "a", "ns/a"),
      ...end("create", configMap, "b", "ns/b"),
      stack,
    ]);
    const order = resources.map((each) => each.urn);
    expect(order.indexOf(urn(configMap, "b"))).toBeLessThan(order.indexOf(urn(configMap, "a")));
    expect(order.indexOf(stackUrn)).toBeLessThan(order.indexOf(urn(configMap, "b")));
  });

  test("marks as secret what the provider or the program calls secret", () => {
    const options = { additionalSecretOutputs: ["result"] };
    const about = { urn: urn(password, "p"), type: password, operation: "create" } as const;
    const outputs = { result: "hunter2", hash: makeSecret("hunter2"), length: 7 };
    const { resources } = rebuild([
      stack,
      registration(password, "p", options),
      { ...about, step: "end", id: "none", inputs: { length: 7 }, outputs },
    ]);
    const secret = { [signature]: expect.any(String), plaintext: '"hunter2"' };
    expect(named(resources, password, "p")[0]).toMatchObject({ outputs: { result: secret, hash: secret, length: 7 } });
  });
});

describe("the journal of a run", () => {
  const stateFile = () => join(state, ".pulumi/stacks/platform/dev.json");
  const open = (passphrase = "secret") => RunJournal.of(state, "platform", "dev", passphrase);
  const empty: ExportedStack = { deployment: {} };
  const note = (journal: RunJournal, ...entries: JournalEntry[]) => {
    for (const entry of entries) appendEntry(journal.target, entry);
  };
  const urns = (exported: { deployment: { resources?: readonly { urn: string }[] } } | undefined) =>
    exported?.deployment.resources?.map((each) => each.urn);
  const settings = registration(configMap, "a");

  /** A run that was killed after these entries. */
  function killed(...entries: JournalEntry[]): RunJournal {
    const journal = open();
    journal.begin();
    note(journal, stack, ...entries);
    return journal;
  }

  test("is what the next run makes the state from", () => {
    killed(settings, ...end("create", configMap, "a", "ns/a"));
    expect(urns(open().repaired(empty))).toContain(urn(configMap, "a"));
  });

  test("is of no use when nothing was changed, and before there was a run", () => {
    expect(open().repaired(empty)).toBeUndefined();
    killed(settings);
    expect(open().repaired(empty)).toBeUndefined();
  });

  test("loses only the entry that was being written when its process was killed", () => {
    const journal = killed(settings, ...end("create", configMap, "a", "ns/a"));
    const whole = readFileSync(journal.target.file, "utf8");
    note(journal, registration(configMap, "b"));
    const cut = readFileSync(journal.target.file, "utf8").slice(0, whole.length + 20);
    writeFileSync(journal.target.file, cut);
    note(journal, registration(configMap, "c"), ...end("create", configMap, "c", "ns/c")); // of another process
    const found = urns(open().repaired(empty));
    expect(found).toContain(urn(configMap, "a"));
    expect(found).toContain(urn(configMap, "c"));
  });

  test("is no journal yet when the run was killed while it wrote the first entry", () => {
    writeFileSync(open().target.file, "\nAAAA");
    expect(open().repaired(empty)).toBeUndefined();
  });

  test("is left alone, and the run ends, when it was encrypted with another passphrase", () => {
    const { target } = killed(settings, ...end("create", configMap, "a", "ns/a"));
    const content = readFileSync(target.file, "utf8");
    const other = open("other");
    expect(() => other.repaired(empty)).toThrow(/cannot be read with this passphrase/);
    other.end();
    expect(readFileSync(target.file, "utf8")).toBe(content);
  });

  test("goes away when the engine has written the state, as it does after Ctrl-C and a failure as well", () => {
    const journal = killed(settings, ...end("create", configMap, "a", "ns/a"), begin("update", configMap, "b"));
    writeFileSync(stateFile(), "{}");
    journal.end();
    expect(existsSync(journal.target.file)).toBe(false);
  });

  test("stays when the engine could not write the state, or did not hear of a creation or deletion", () => {
    const journal = killed(settings, ...end("create", configMap, "a", "ns/a"));
    journal.end();
    expect(urns(open().repaired(empty))).toContain(urn(configMap, "a"));
    note(journal, begin("create", configMap, "b"));
    writeFileSync(stateFile(), "{}");
    journal.end();
    expect(existsSync(journal.target.file)).toBe(true);
    // The same with a deletion.
    const other = killed(...end("create", configMap, "a", "ns/a"), begin("delete", configMap, "a"));
    writeFileSync(stateFile(), "{} ");
    other.end();
    expect(existsSync(other.target.file)).toBe(true);
  });

  test("gives way to a state that was written after all, except of creations that it may not know", () => {
    const known = stored(password, "known", "none", { outputs: { result: "in the state" } });
    killed(
      registration(password, "known"),
      registration(password, "new"),
      ...end("create", password, "known", "none", { result: "noted" }),
      ...end("create", password, "new", "none", { result: "noted" }),
      settings,
      ...end("create", configMap, "a", "ns/a"),
      ...end("delete", configMap, "b", "ns/b"),
    );
    writeFileSync(stateFile(), "{}");
    const resources = [known, stored(configMap, "b", "ns/b")];
    const { deployment } = open().repaired<ExportedStack>({ deployment: { resources } }) ?? empty;
    const found = (deployment.resources ?? []) as readonly Stored[];
    expect(named(found, password, "known")).toEqual([known]);
    expect(named(found, password, "new")).toEqual([expect.objectContaining({ outputs: { result: "noted" } })]);
    expect(named(found, configMap, "b")).toHaveLength(1);
    // The cluster is asked whether it is there.
    expect(deployment.pending_operations?.map(({ resource }) => resource.urn)).toEqual([urn(configMap, "a")]);
  });

  test("begins anew with every run", () => {
    killed(settings, ...end("create", configMap, "a", "ns/a"));
    killed();
    expect(open().repaired(empty)).toBeUndefined();
  });

  test("shows nobody a secret", () => {
    const { target } = killed(...end("create", password, "p", "none", { result: makeSecret("hunter2") }));
    const content = readFileSync(target.file, "utf8");
    const decoded = content
      .split("\n")
      .map((line) => Buffer.from(line, "base64").toString("latin1"))
      .join();
    for (const text of [content, decoded]) {
      expect(text).not.toContain("hunter2");
      expect(text).not.toContain("RandomPassword");
    }
    expect(statSync(target.file).mode & 0o777).toBe(0o600);
  });
});

describe("a provider with a journal", () => {
  const request = { urn: "u", type: "t", inputs: { a: 1 }, preview: false };
  const target = () => ({ file: join(state, "journal"), key: Buffer.alloc(32, 1).toString("base64") });

  async function notes(create: () => Promise<unknown>, preview = false): Promise<OperationEntry[]> {
    const provider = withJournal({ create } as unknown as ResourceProvider, target());
    const asked = { ...request, preview } as unknown as Parameters<ResourceProvider["create"]>[0];
    await provider.create(asked).catch((error: Error) => {
      appendFileSync(join(state, "error"), error.message);
    });
    return readEntries<OperationEntry>(target());
  }

  test("notes a change before and after", async () => {
    let before: unknown[] = [];
    const found = await notes(async () => {
      before = readEntries(target());
      return { id: "i", outputs: { b: 2 } };
    });
    expect(before).toEqual([{ urn: "u", type: "t", operation: "create", step: "begin", inputs: { a: 1 } }]);
    expect(found[1]).toMatchObject({ step: "end", id: "i", inputs: { a: 1 }, outputs: { b: 2 } });
  });

  test("notes nothing of a preview", async () => {
    expect(await notes(async () => ({ id: "", outputs: {} }), true)).toEqual([]);
  });

  test("notes a failure, which goes on to the engine", async () => {
    const found = await notes(() => Promise.reject(new Error("refused")));
    expect(found[1]).toMatchObject({ step: "failed" });
    expect(readFileSync(join(state, "error"), "utf8")).toBe("refused");
  });

  test("leaves open what becomes of a change that the server did not answer", async () => {
    const found = await notes(() => Promise.reject(new UnreachableError("connection reset")));
    expect(found.map(({ step }) => step)).toEqual(["begin"]);
  });

  test("notes an object that was made, but is not ready", async () => {
    const details = { id: "i", inputs: {}, outputs: { b: 2 }, reasons: ["no pod"] };
    const found = await notes(() => Promise.reject(new InitializationError("not ready", details)));
    expect(found[1]).toMatchObject({ step: "end", id: "i", outputs: { b: 2 }, reasons: ["no pod"] });
  });
});
