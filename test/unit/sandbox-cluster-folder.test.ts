import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterDown, clusterReset, clusterStatus } from "../../sandbox/cluster";
import { keepToOwner, layoutOf, prepareLayout } from "../../sandbox/cluster/layout";
import { type ProgressSink, silentProgress } from "../../sandbox/progress";
import { withLock } from "../../sandbox/tools/lock";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "platform-folder-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const permissions = (path: string) => statSync(path).mode & 0o777;

describe("the folder", () => {
  test("gives each checkout a short name of its own, the same through symbolic links", () => {
    const link = join(directory, "link");
    mkdirSync(join(directory, "one"));
    symlinkSync(join(directory, "one"), link);
    const name = layoutOf(join(directory, "one")).name;
    expect(name).toMatch(/^sandbox-[0-9a-f]{8}$/);
    expect(layoutOf(link).name).toBe(name);
    expect(layoutOf(join(directory, "two")).name).not.toBe(name);
  });

  test("has the same name before and after it is created, also behind a symbolic link", () => {
    const link = join(directory, "link");
    mkdirSync(join(directory, "one"));
    symlinkSync(join(directory, "one"), link);
    const before = layoutOf(join(link, "new"));
    expect(existsSync(join(link, "new"))).toBe(false);
    expect(prepareLayout(join(link, "new"))).toEqual(before);
    expect(before.directory).toBe(realpathSync(join(directory, "one", "new")));
  });

  test("is created for its owner only, because it holds keys", () => {
    const { directory: made } = prepareLayout(join(directory, "new"));
    expect(permissions(made)).toBe(0o700);
  });

  test("is closed to others when it was made with wider permissions, but only by its owner", () => {
    chmodSync(directory, 0o755);
    const user = jest.spyOn(process, "getuid").mockReturnValue(statSync(directory).uid + 1);
    keepToOwner(directory);
    expect(permissions(directory)).toBe(0o755);
    user.mockRestore();
    keepToOwner(directory);
    expect(permissions(directory)).toBe(0o700);
  });

  test("of the user's choice keeps the permissions it has", () => {
    chmodSync(directory, 0o755);
    prepareLayout(directory);
    expect(permissions(directory)).toBe(0o755);
  });
});

test("asking for the status of a folder that does not exist does not create it", async () => {
  const absent = join(directory, "absent");
  expect(await clusterStatus({ directory: absent })).toMatchObject({ state: "absent" });
  expect(existsSync(absent)).toBe(false);
});

test("a reset removes the state and the engine's work folders, but nothing of real clusters", async () => {
  for (const path of ["cluster", "state/.pulumi", "work/dev", "cluster-work/prod", "pulumi-home"])
    mkdirSync(join(directory, path), { recursive: true });
  writeFileSync(join(directory, "work/dev/providers"), "builtin");
  writeFileSync(join(directory, "cluster-work/prod/Pulumi.prod.yaml"), "encryptionsalt: v1");
  await clusterReset({ directory, progress: silentProgress });
  expect(readdirSync(directory).sort()).toEqual(["cluster-work", "pulumi-home"]);
  expect(existsSync(join(directory, "cluster-work/prod/Pulumi.prod.yaml"))).toBe(true);
});

test.each([
  ["down", clusterDown],
  ["reset", clusterReset],
])("%s says for whom it waits, and when it waits no longer", async (_, command) => {
  const said: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const other = withLock(layoutOf(directory).lock, () => held);
  const progress: ProgressSink = {
    step: (message) => {
      said.push(message);
      release();
    },
    done: (message) => said.push(message),
    warn: () => {},
  };
  await Promise.all([other, command({ directory, progress })]);
  expect(said).toEqual([
    expect.stringMatching(/^waiting for process \d+/),
    expect.stringMatching(/^process \d+ no longer works/),
  ]);
});
