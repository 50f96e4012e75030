import { RunScene } from "./run-support";

/** What becomes of a run that is stopped in the middle, and of the next one. */
let scene: RunScene;

beforeAll(async () => {
  scene = await RunScene.start();
});

afterAll(() => scene.remove());

afterEach(async () => {
  await scene.run({ operation: "destroy" });
});

async function expectOneOfEach() {
  expect(await scene.names("deployments")).toEqual(["web"]);
  expect(await scene.names("secrets")).toEqual(["login"]);
  expect(await scene.names("configmaps")).toEqual([expect.stringMatching(/^settings-[0-9a-f]{8}$/)]);
  expect(await scene.run({ operation: "up" })).toMatchObject({
    counts: { create: 0, update: 0, replace: 0, delete: 0, same: 5 },
  });
}

test("Ctrl-C ends it in order, and the next up continues", async () => {
  const run = await scene.beginStuckUp();
  // A terminal and npm both pass the key press on.
  run.child.kill("SIGINT");
  run.child.kill("SIGINT");
  expect(await run.answer).toMatchObject({ interrupted: true, error: expect.stringContaining("run the same command") });
  expect(run.output()).toContain("finishing the running operations");
  const next = await scene.run({ operation: "up" });
  expect(next).toMatchObject({ changed: ["Deployment shop/web"] });
  expect(next.output).not.toContain("repaired");
  await expectOneOfEach();
});

test("kill -9 of the engine: the next up takes the lock over and what was created in, without duplicates", async () => {
  const run = await scene.beginStuckUp();
  process.kill(scene.engineProcess(), "SIGKILL");
  expect(await run.answer).toMatchObject({ interrupted: false });
  const next = await scene.run({ operation: "up" });
  expect(next).toMatchObject({ changed: ["Deployment shop/web"] });
  expect(next.output).toContain("took over the lock");
  expect(next.output).toContain("1 of them had already created their object");
  await expectOneOfEach();
});

test("kill -9 of the command itself: the next up waits for its engine to end, then continues", async () => {
  const run = await scene.beginStuckUp();
  run.child.kill("SIGKILL");
  expect(await run.answer).toBeUndefined();
  expect(await scene.run({ operation: "up" })).not.toHaveProperty("error");
  await expectOneOfEach();
});
