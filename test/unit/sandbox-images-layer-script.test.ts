import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentPlan } from "../../sandbox/images/layers";
import { imagePrerequisites } from "../../sandbox/images/prerequisites";
import { describeWith } from "../support/requirements";

const SCRIPT = join(__dirname, "../../sandbox/images/build-layer.sh");

const missing = imagePrerequisites();
const whereImagesCanBeMade = describeWith(missing.join(" "), missing.length === 0);

whereImagesCanBeMade("the layer of an image's own files", () => {
  let root: string;
  let below: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "platform-images-"));
    mkdirSync(join(root, "work"));
    mkdirSync(join(root, "below", "etc"), { recursive: true });
    writeFileSync(join(root, "below/etc/passwd"), "root:x:0:0::/root:/bin/sh\nserver:x:101:102::/old:/bin/sh\n");
    writeFileSync(join(root, "below/etc/group"), "root:x:0:\nserver:x:102:\nother:x:71:\n");
    below = join(root, "below.tar.zst");
    execFileSync("tar", ["--create", "--zstd", `--file=${below}`, `--directory=${join(root, "below")}`, "."]);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Runs the script, which has to be alone with its mounts. */
  function build(plan: string, output = join(root, "layer.tar.zst")) {
    const command = ["bash", SCRIPT, "content", join(root, "work"), output, below];
    const { status, stderr } = spawnSync("unshare", ["--mount", "--pid", "--fork", "--kill-child", ...command], {
      input: plan,
      encoding: "utf8",
    });
    return { status, stderr, output };
  }

  const listing = (layer: string) =>
    execFileSync("tar", ["--list", "--verbose", "--numeric-owner", `--file=${layer}`], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/))
      .map(([mode, owner, , , , ...path]) => [mode, owner, path.join(" ")]);

  const image = { name: "server", tag: "1", title: "A server", packages: [], process: { entrypoint: [], user: "1:1" } };

  test("holds what the definition names, with its owners and permissions, and nothing on the way there", () => {
    mkdirSync(join(root, "folder/inner"), { recursive: true });
    writeFileSync(join(root, "folder/inner/program"), "", { mode: 0o700 });
    writeFileSync(join(root, "folder/secret"), "", { mode: 0o600 });
    symlinkSync("secret", join(root, "folder/link"));
    const { status, stderr, output } = build(
      contentPlan({
        ...image,
        content: [
          { from: join(root, "folder"), to: "/opt/server" },
          { from: join(root, "folder/secret"), to: "/usr/bin/start", mode: 0o755 },
        ],
        directories: [{ path: "/srv/data", owner: "70:71", mode: 0o700 }],
        links: { "/usr/bin/server": "/opt/server/inner/program" },
      }),
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(listing(output)).toEqual([
      ["drwxr-xr-x", "0/0", "./opt/server/"],
      ["drwxr-xr-x", "0/0", "./opt/server/inner/"],
      ["-rwxr-xr-x", "0/0", "./opt/server/inner/program"],
      ["lrwxrwxrwx", "0/0", "./opt/server/link -> secret"],
      ["-rw-r--r--", "0/0", "./opt/server/secret"],
      ["drwx------", "70/71", "./srv/data/"],
      ["lrwxrwxrwx", "0/0", "./usr/bin/server -> /opt/server/inner/program"],
      ["-rwxr-xr-x", "0/0", "./usr/bin/start"],
    ]);
  });

  test("an account takes the place of the packages' one of that name, and of others with its numbers", () => {
    const accounts = [{ name: "server", uid: 70, gid: 71, home: "/srv" }];
    const { status, output } = build(contentPlan({ ...image, content: [], accounts }));
    expect(status).toBe(0);
    const file = (path: string) =>
      execFileSync("tar", ["--extract", "--to-stdout", `--file=${output}`, path], { encoding: "utf8" });
    expect(file("./etc/passwd")).toBe("root:x:0:0::/root:/bin/sh\nserver:x:70:71::/srv:/bin/sh\n");
    expect(file("./etc/group")).toBe("root:x:0:\nserver:x:71:\n");
    expect(listing(output)).toContainEqual(["drwxr-xr-x", "70/71", "./srv/"]);
  });

  test("is the same for the same input, and tells its checksum before the compression", () => {
    writeFileSync(join(root, "file"), "text");
    const plan = contentPlan({ ...image, content: [{ from: join(root, "file"), to: "/file" }] });
    const first = build(plan);
    const second = build(plan, join(root, "second.tar.zst"));
    expect(readFileSync(second.output).equals(readFileSync(first.output))).toBe(true);
    const uncompressed = execFileSync("sh", ["-c", 'zstd --decompress --stdout "$1" | sha256sum', "sh", first.output]);
    expect(readFileSync(`${first.output}.diff-id`, "utf8").trim()).toBe(uncompressed.toString().slice(0, 64));
  });

  test("a plan that it does not understand is an error, and leaves no mount", () => {
    expect(build("paint\t/srv\tblue\n")).toMatchObject({ status: 1, stderr: expect.stringContaining("paint") });
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(root);
  });
});
