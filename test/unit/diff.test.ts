import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compareRenders } from "../../stacks/diff/changes";
import { changedSecrets } from "../../stacks/diff/encrypted-settings";
import { COMMENT_LIMIT, diffMarkdown } from "../../stacks/diff/markdown";

const claim =
  "kind: PersistentVolumeClaim\nspec:\n  resources:\n    requests:\n      storage: 10Gi\n  storageClassName: fast\n";
const server = "kind: Deployment\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: a\n";

test("added, changed and removed objects are told apart, what costs data comes first", () => {
  const changes = compareRenders(
    { "a/persistentvolumeclaim-data.yaml": claim, "a/deployment-server.yaml": server },
    {
      "a/deployment-server.yaml": server.replace("replicas: 2", "replicas: 3"),
      "a/service-new.yaml": "kind: Service\n",
    },
  );
  expect(changes.map(({ action, object, danger }) => [action, object, danger])).toEqual([
    ["remove", "a/persistentvolumeclaim-data", "removes an object that holds data"],
    ["change", "a/deployment-server", undefined],
    ["add", "a/service-new", undefined],
  ]);
  expect(changes[1]?.lines).toEqual(expect.arrayContaining(["-  replicas: 2", "+  replicas: 3"]));
});

test.each([
  ["deployment-server", server, server.replace("app: a", "app: b"), "changes selector"],
  ["persistentvolumeclaim-data", claim, claim.replace("fast", "slow"), "changes storageClassName"],
  ["persistentvolumeclaim-data", claim, claim.replace("10Gi", "20Gi"), undefined],
])("a change of %s that Kubernetes cannot make in place is called out", (file, before, after, danger) => {
  const [change] = compareRenders({ [`a/${file}.yaml`]: before }, { [`a/${file}.yaml`]: after });
  expect(change?.danger ?? "").toMatch(danger ?? /^$/);
});

test("the comment fits, says what it leaves out, and cannot be broken out of", () => {
  const huge = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`a/service-${index}.yaml`, `kind: Service\n${"x".repeat(50)}\n`]),
  );
  const text = diffMarkdown({ dev: compareRenders({}, { ...huge, "a/a.yaml": "```\n</details>\n" }), prod: [] });
  expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
  expect(text).toMatch(/… and \d+ more objects/);
  expect(text).toContain("| dev | 3001 | 0 | 0 |");
  expect(text).toContain("````diff\n+```");
});

test("the comment fits with any number of warnings, counted as GitHub might: in bytes", () => {
  const claims = Object.fromEntries(
    Array.from({ length: 2000 }, (_, index) => [`ñame/persistentvolumeclaim-${"ü".repeat(30)}-${index}.yaml`, claim]),
  );
  const changes = compareRenders(claims, {});
  const text = diffMarkdown({ dev: changes, prod: changes });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(COMMENT_LIMIT);
  expect(text).toMatch(/… and \d+ more warnings, which do not fit here/);
  expect(text).toMatch(/… and \d+ more objects, which do not fit here/);
});

test("a list after an object's lines is a list: GitHub takes what follows HTML without an empty line as HTML", () => {
  const large = `kind: ConfigMap\n${"x".repeat(COMMENT_LIMIT)}\n`;
  const text = diffMarkdown({ dev: compareRenders({}, { "a/a.yaml": "kind: Service\n", "a/b.yaml": large }) });
  expect(text).toMatch(/<\/details>\n\n- dev: ➕ add `a\/b` \(too long/);
});

test("an encrypted value that is another one is named, also where no object shows it", () => {
  const file = (more: string) => `config:\n  platform:preset: dev\n${more}encryptionsalt: v1:a:v1:b:c\n`;
  const before = file(
    "  platform:harbor:\n    oidc:\n      clientSecret:\n        secure: v1:one\n  platform:x:\n    secure: v1:x\n",
  );
  const after = file(
    "  platform:harbor:\n    oidc:\n      clientSecret:\n        secure: v1:two\n  platform:l:\n    - secure: v1:y\n",
  );
  expect(changedSecrets(before, before)).toEqual([]);
  const changed = ["platform:harbor.oidc.clientSecret", "platform:l[0]", "platform:x"];
  expect(changedSecrets(before, after)).toEqual(changed);
  expect(changedSecrets("", before)).toEqual(["platform:harbor.oidc.clientSecret", "platform:x"]);
  const text = diffMarkdown({ dev: [] }, { dev: changed });
  expect(text).toContain("🔒 **dev**: the encrypted value of `platform:harbor.oidc.clientSecret` is another one");
  expect(text).not.toMatch(/v1:(one|two|x|y)/);
});

test("Ctrl-C leaves nothing behind, neither in the repository nor in the folder for temporary files", async () => {
  const root = resolve(__dirname, "../..");
  const scratch = mkdtempSync(join(tmpdir(), "platform-diff-test-"));
  const worktrees = () => execFileSync("git", ["worktree", "list"], { cwd: root, encoding: "utf8" });
  const before = worktrees();
  const child = spawn(process.execPath, [join(root, "cli/launch.mjs"), "diff", "--base", "HEAD", "--stack", "dev"], {
    cwd: root,
    detached: true, // a process group of its own, which gets the signal as a whole, as a terminal does it
    stdio: "ignore",
    env: { ...process.env, TMPDIR: scratch },
  });
  const ended = new Promise<number | null>((done) => child.once("close", done));
  while (!readdirSync(scratch).some((each) => each.startsWith("platform-diff-"))) {
    await sleep(20);
  }
  process.kill(-(child.pid ?? 0), "SIGINT");
  expect(await ended).toBe(130);
  expect(readdirSync(scratch).filter((each) => each.startsWith("platform-diff-"))).toEqual([]);
  expect(worktrees()).toBe(before);
  rmSync(scratch, { recursive: true });
});
