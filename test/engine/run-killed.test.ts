import { eventually } from "./cluster-support";
import { type Run, RunScene } from "./run-support";

/**
 * What becomes of runs that are killed at any moment, and of the next one: everything is there once, generated values
 * are what they were, no lock is left. `PLATFORM_SOAK=20` does it that often.
 */
process.env["PLATFORM_STATE_JOURNAL"] = "true"; // the runs inherit it
let scene: RunScene;

beforeAll(async () => {
  scene = await RunScene.start();
});

afterAll(() => scene.remove());

const copies = 12;
const objects = 2 * copies;

const victims = {
  engine: async () => {
    process.kill(scene.engineProcess(), "SIGKILL");
  },
  providers: async (run: Run) => {
    process.kill(scene.providersProcess(run), "SIGKILL");
  },
  "API server": () => scene.restartApiServer(),
  program: async (run: Run) => {
    run.child.kill("SIGKILL");
  },
};

const kills = Number(process.env["PLATFORM_SOAK"] ?? 4);
const rounds = [...Array(kills).keys()].map((round) => ({
  round,
  victim: Object.keys(victims)[round % 4] as keyof typeof victims,
  // Every second time nothing is there in the beginning, every fifth time it is being destroyed.
  beginning: round % 2 === 0 ? "nothing" : "everything",
  operation: round % 5 === 4 ? ("destroy" as const) : ("up" as const),
  moment: Math.floor(Math.random() * objects),
}));

async function made(): Promise<string[]> {
  return [...(await scene.names("secrets")), ...(await scene.names("configmaps"))].filter((name) =>
    name.startsWith("copy-"),
  );
}

async function passwords(): Promise<Record<string, string>> {
  const names = (await scene.names("secrets")).filter((name) => name.startsWith("copy-"));
  const values = names.map(async (name) => [name, await scene.secret(name, "password")] as const);
  return Object.fromEntries(await Promise.all(values));
}

test.each(rounds)(
  "$round: kill of the $victim during $operation, with $beginning there, at object $moment",
  async ({ round, victim, beginning, operation, moment }) => {
    const everything = { copies, image: `a:${round}` };
    if (beginning === "everything" || operation === "destroy") await scene.run({ operation: "up", copies });
    else await scene.run({ operation: "destroy", copies });
    const before = beginning === "everything" || operation === "destroy" ? await passwords() : {};

    const run = scene.begin({ operation, ...everything });
    const isUnderWay = async () => {
      if (run.child.exitCode !== null) return true;
      const count = (await made()).length;
      if (operation === "destroy") return count <= objects - moment ? true : undefined;
      return beginning === "everything"
        ? run.output() !== "" || scene.isLocked() || undefined
        : count >= moment || undefined;
    };
    await eventually(isUnderWay);
    if (run.child.exitCode === null && scene.isLocked()) await victims[victim](run);
    await run.answer;

    const known = { ...before, ...(await passwords()) };
    const next = await scene.run({ operation: "up", ...everything });
    expect(next).not.toHaveProperty("error");
    const names = await made();
    expect(names).toHaveLength(objects);
    expect(new Set(names.map((name) => name.replace(/-[0-9a-f]{8}$/, ""))).size).toBe(copies);
    if (operation === "up") expect(await passwords()).toMatchObject(known);
    expect(await scene.run({ operation: "up", ...everything })).toMatchObject({
      counts: { create: 0, update: 0, replace: 0, delete: 0, same: 5 + 3 * copies },
    });
    expect(scene.leftovers()).toEqual([]);
  },
);

test("destroy leaves nothing", async () => {
  expect(await scene.run({ operation: "destroy", copies })).not.toHaveProperty("error");
  expect(await made()).toEqual([]);
  expect(scene.leftovers()).toEqual([]);
});
