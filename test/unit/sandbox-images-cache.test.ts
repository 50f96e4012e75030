import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageCacheDirectory } from "../../sandbox/images/cache";
import type { ImageDefinition } from "../../sandbox/images/definition";
import { contentPlan, layerKeys, pruneLayers } from "../../sandbox/images/layers";
import { ownSources, packageSources } from "../../sandbox/images/package-sources";
import { imagePrerequisites } from "../../sandbox/images/prerequisites";
import { silentProgress } from "../../sandbox/progress";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "platform-images-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function definition(changes: Partial<ImageDefinition> = {}): ImageDefinition {
  const program = join(root, "program.sh");
  if (!existsSync(program)) writeFileSync(program, "#!/bin/sh\n");
  return {
    name: "greeter",
    tag: "1",
    title: "A greeter",
    packages: ["curl", "bash"],
    content: [{ from: program, to: "/usr/bin/greet", mode: 0o755 }],
    process: { entrypoint: ["greet"], user: "70:70" },
    ...changes,
  };
}

describe("what decides whether a layer is made anew", () => {
  test("nothing changed: nothing is", () => {
    expect(layerKeys(definition({ packages: ["bash", "curl"] }))).toEqual(layerKeys(definition()));
  });

  test("a file's content, and nothing below it", () => {
    const before = layerKeys(definition());
    writeFileSync(join(root, "program.sh"), "#!/bin/bash\n");
    const after = layerKeys(definition());
    expect(after.content).not.toBe(before.content);
    expect(after).toMatchObject({ base: before.base, packages: before.packages });
  });

  test("the time of a small file does not, for a checkout sets it anew", () => {
    const before = layerKeys(definition());
    utimesSync(join(root, "program.sh"), 1, 1);
    expect(layerKeys(definition())).toEqual(before);
  });

  test("a large file that was written anew", () => {
    const large = join(root, "large");
    writeFileSync(large, Buffer.alloc(1 << 20));
    const content = [{ from: large, to: "/large" }];
    const before = layerKeys(definition({ content }));
    utimesSync(large, 1, 1);
    expect(layerKeys(definition({ content })).content).not.toBe(before.content);
  });

  test("a file, a link and a permission in a folder", () => {
    const folder = join(root, "folder");
    mkdirSync(join(folder, "inner"), { recursive: true });
    const content = [{ from: folder, to: "/srv" }];
    const key = () => layerKeys(definition({ content })).content;
    const seen = [key()];
    writeFileSync(join(folder, "inner", "file"), "text", { mode: 0o644 });
    seen.push(key());
    chmodSync(join(folder, "inner", "file"), 0o755);
    seen.push(key());
    symlinkSync("file", join(folder, "inner", "link"));
    seen.push(key());
    expect(new Set(seen).size).toBe(seen.length);
  });

  test.each<[string, Partial<ImageDefinition>]>([
    ["what is copied", { content: [] }],
    ["a directory", { directories: [{ path: "/srv", owner: "70:70" }] }],
    ["a link", { links: { "/usr/bin/hello": "greet" } }],
    ["an account", { accounts: [{ name: "greeter", uid: 70, gid: 70, home: "/srv" }] }],
  ])("%s", (_, changes) => {
    expect(layerKeys(definition(changes)).content).not.toBe(layerKeys(definition()).content);
  });

  test("the list of packages, and with it what lies above", () => {
    const before = layerKeys(definition());
    const after = layerKeys(definition({ packages: ["bash"] }));
    expect(after.base).toBe(before.base);
    expect(after.packages).not.toBe(before.packages);
    expect(after.content).not.toBe(before.content);
  });

  test("a file that is missing is an error with its path", () => {
    const content = [{ from: join(root, "missing"), to: "/srv" }];
    expect(() => layerKeys(definition({ content }))).toThrow(join(root, "missing"));
  });
});

test("the plan names everything that is not in a package, in the order in which it has to be made", () => {
  const plan = contentPlan(
    definition({
      accounts: [{ name: "greeter", uid: 70, gid: 71, home: "/srv" }],
      directories: [{ path: "/srv/data", owner: "70:71", mode: 0o700 }, { path: "/srv/log" }],
      links: { "/usr/bin/hello": "greet" },
    }),
  );
  expect(plan.split("\n").map((line) => line.split("\t"))).toEqual([
    ["account", "greeter", "70", "71", "/srv"],
    ["copy", join(root, "program.sh"), "/usr/bin/greet", "0755"],
    ["directory", "/srv/data", "70:71", "0700"],
    ["directory", "/srv/log", "0:0", "0755"],
    ["link", "/usr/bin/hello", "greet"],
    [""],
  ]);
});

test("after a build the image's own layer and long unused ones go, shared ones stay", () => {
  const layers = join(root, "layers");
  mkdirSync(layers);
  const { base, packages, content } = layerKeys(definition());
  const old = join(layers, "packages-0123456789abcdef.tar.zst");
  for (const name of [base, packages, content]) writeFileSync(join(layers, `${name}.tar.zst`), "");
  writeFileSync(old, "");
  utimesSync(old, 1, 1);
  pruneLayers({ cache: root, progress: silentProgress }, definition());
  const left = (name: string) => existsSync(join(layers, `${name}.tar.zst`));
  expect({ base: left(base), packages: left(packages), content: left(content), old: existsSync(old) }).toEqual({
    base: true,
    packages: true,
    content: false,
    old: false,
  });
});

test("the cache is in the user's cache directory", () => {
  expect(imageCacheDirectory({ HOME: "/home/user" })).toBe("/home/user/.cache/platform/images");
  expect(imageCacheDirectory({ HOME: "/home/user", XDG_CACHE_HOME: "/fast" })).toBe("/fast/platform/images");
});

describe("the sources of packages", () => {
  test("are the machine's own when they are of the wanted release", () => {
    const other = join(root, "other.list");
    const own = join(root, "own.sources");
    writeFileSync(other, "# bookworm\ndeb http://mirror.example/debian trixie main\n");
    writeFileSync(own, "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n");
    expect(ownSources([other, own, join(root, "missing")])).toBe(own);
  });

  test("are Debian's public ones elsewhere, with security fixes and the keys to check them by", () => {
    const file = packageSources(root, []);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.map((line: string) => line.split(" ").slice(-3))).toEqual([
      ["http://deb.debian.org/debian", "bookworm", "main"],
      ["http://deb.debian.org/debian", "bookworm-updates", "main"],
      ["http://deb.debian.org/debian-security", "bookworm-security", "main"],
    ]);
    for (const line of lines) expect(line).toContain("[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]");
  });
});

describe("what a machine lacks", () => {
  const programs = ["apt-get", "bash", "mmdebstrap", "mount", "setpriv", "tar", "unshare", "zstd"];

  function machine(without: readonly string[] = []) {
    for (const name of programs.filter((each) => !without.includes(each))) {
      writeFileSync(join(root, name), "", { mode: 0o755 });
    }
    return { environment: { PATH: root }, system: "linux", user: 0, packagesCanBeChecked: true };
  }

  test("nothing", () => {
    expect(imagePrerequisites(machine())).toEqual([]);
  });

  test("programs are named by their packages, each once", () => {
    expect(imagePrerequisites(machine(["mmdebstrap", "unshare", "setpriv"]))).toEqual([
      expect.stringMatching(/apt-get install --yes mmdebstrap util-linux$/),
    ]);
  });

  test("root", () => {
    expect(imagePrerequisites({ ...machine(), user: 1000 })).toEqual([expect.stringContaining("root")]);
  });

  test("the keys of Debian, on another distribution", () => {
    expect(imagePrerequisites({ ...machine(), packagesCanBeChecked: false })).toEqual([
      expect.stringMatching(/debian-archive-keyring$/),
    ]);
  });

  test("Linux", () => {
    expect(imagePrerequisites({ ...machine(), system: "darwin" })).toEqual([expect.stringContaining("Linux")]);
  });
});
