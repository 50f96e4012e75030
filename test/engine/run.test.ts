import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "../../sandbox/engine/target";
import { RunScene } from "./run-support";

/** The ordinary life of a stack on the embedded cluster. The tests build on each other. */
let scene: RunScene;

beforeAll(async () => {
  scene = await RunScene.start();
});

afterAll(() => scene.remove());

test.each(["refresh", "destroy", "output"] as const)(
  "%s of a stack that was never brought up says so",
  async (operation) => {
    expect(await scene.run({ operation })).toMatchObject({
      error: expect.stringMatching(/not been brought up/),
    });
  },
);

test("a preview makes nothing", async () => {
  const { counts } = await scene.run({ operation: "preview" });
  expect(counts).toMatchObject({ create: 5, same: 0 });
  expect(await scene.names("configmaps")).toEqual([]);
});

test("up creates everything, and a second up changes nothing", async () => {
  expect(await scene.run({ operation: "up" })).toMatchObject({ counts: { create: 5, same: 0 } });
  expect(await scene.run({ operation: "up", options: { expectNoChanges: true } })).toMatchObject({
    counts: { create: 0, update: 0, replace: 0, delete: 0, same: 5 },
    changed: [],
  });
});

test("the lock of a machine that is gone is removed when the user says so; what only reads does not need it", async () => {
  scene.lockAs("elsewhere");
  expect(await scene.run({ operation: "up" })).toMatchObject({
    error: expect.stringMatching(/A run on elsewhere.*--recover/),
  });
  expect(await scene.run({ operation: "output" })).not.toHaveProperty("error");
  const next = await scene.run({ operation: "up", options: { recover: true } });
  expect(next).toMatchObject({ counts: { create: 0, same: 5 } });
  expect(next.output).toContain("took over the lock");
});

test("the repository's files are not written to", () => {
  const read = (name: string) => readFileSync(join(scene.repository, name), "utf8");
  expect(read("Pulumi.yaml")).toBe("name: platform\nruntime: nodejs\n");
  expect(read("Pulumi.dev.yaml")).not.toContain("encryptionsalt");
});

test("no secret is written in plain text", async () => {
  const written = scene.writtenText();
  const { output } = await scene.run({ operation: "preview", image: "a:2" });
  const password = await scene.secret("login", "password");
  expect(password).toMatch(/^[A-Za-z0-9]{24}$/);
  for (const form of [password, Buffer.from(password).toString("base64")]) {
    expect(written.includes(form)).toBe(false);
    expect(output.includes(form)).toBe(false);
  }
  expect(written).toContain("shop/login"); // it is the right text
});

test("an edit changes exactly what it is about", async () => {
  const { changed } = await scene.run({ operation: "up", image: "a:2" });
  expect([...changed].sort()).toEqual([expect.stringMatching(/^ConfigMap shop\/settings-/), "Deployment shop/web"]);
});

test("--expect-no-changes fails when something would change", async () => {
  const order = { operation: "preview", image: "a:3", options: { expectNoChanges: true } } as const;
  expect(await scene.run(order)).toMatchObject({ error: expect.stringContaining("no changes were expected") });
});

describe("a real cluster", () => {
  const environment = { PULUMI_BACKEND_URL: "file:///nowhere", PULUMI_CONFIG_PASSPHRASE: "" };
  const target = (more: Partial<Target>): Target => ({ ...scene.target, kind: "cluster", ...more });

  test("is refused when the stack names another context", async () => {
    expect(await scene.run({ operation: "up", target: target({}) }, environment)).toMatchObject({
      error: expect.stringMatching(/belongs to the context "production".*Nothing has been touched/),
    });
  });

  test("is refused when nothing answers at its address", async () => {
    const server = "https://127.0.0.1:9";
    const kubeconfig = scene.kubeconfig("production", server);
    const unreachable = target({ kubeconfig, context: "production", server });
    expect(await scene.run({ operation: "up", target: unreachable }, environment)).toMatchObject({
      error: expect.stringMatching(/API server https:\/\/127\.0\.0\.1:9 .*cannot be used.*Nothing has been touched/),
    });
  });
});

test("destroy leaves nothing", async () => {
  expect(await scene.run({ operation: "destroy" })).toMatchObject({ counts: { delete: 5 } });
  expect(await scene.names("deployments")).toEqual([]);
});

test("an object that exists already is an error, until it is imported", async () => {
  expect(await scene.run({ operation: "up" })).toMatchObject({ counts: { create: 5 } });
  scene.forget();
  expect(await scene.run({ operation: "up" })).toMatchObject({ error: expect.stringMatching(/shop[\s\S]*exists/) });
  const namespace = { type: "kubernetes:core/v1:Namespace", name: "shop", id: "shop" };
  expect(await scene.run({ operation: "import", options: { import: [namespace] } })).toMatchObject({
    changed: ["Namespace shop"],
  });
  const renamed = await scene.run({ operation: "import", options: { import: [{ ...namespace, name: "renamed" }] } });
  expect(renamed.error).toMatch(/shop is not imported\..*holds the object as "shop".*aliases: \["urn:.*::shop"\]/s);
  const absent = { ...namespace, name: "nope", id: "default" };
  expect(await scene.run({ operation: "import", options: { import: [absent] } })).toMatchObject({
    error: expect.stringContaining("nope of type"),
  });
  const { changed } = await scene.run({ operation: "destroy" });
  expect(changed).toContain("Namespace shop");
});

test("the cluster that the stack names is changed, with the state in the user's own backend", async () => {
  const kubeconfig = scene.kubeconfig("production", scene.target.server);
  const order = { target: { ...scene.target, kind: "cluster" as const, kubeconfig, context: "production" } };
  const backend = join(scene.repository, "backend");
  mkdirSync(backend);
  const environment = { PULUMI_BACKEND_URL: `file://${backend}`, PULUMI_CONFIG_PASSPHRASE: "correct horse" };
  expect(await scene.run({ operation: "up", ...order }, environment)).toMatchObject({ counts: { create: 5 } });
  expect(readdirSync(join(backend, ".pulumi/stacks/platform"))).toContain("dev.json");
  expect(await scene.run({ operation: "destroy", ...order }, environment)).toMatchObject({ counts: { delete: 5 } });
});
