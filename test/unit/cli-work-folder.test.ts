import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseBackend } from "../../sandbox/engine/backend";
import type { Target } from "../../sandbox/engine/target";
import { prepareWorkFolder, readStackFile } from "../../sandbox/engine/work-folder";

const sandbox: Target = {
  kind: "sandbox",
  kubeconfig: "k",
  context: "platform-sandbox",
  server: "https://127.0.0.1:1",
};
const cluster: Target = { ...sandbox, kind: "cluster" };
const stackText = "config:\n  platform:cluster: { context: production }\n";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "platform-work-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: platform\n");
  writeFileSync(join(folder, "Pulumi.dev.yaml"), stackText);
});
afterEach(() => rmSync(folder, { recursive: true }));
const prepare = (stack: string) => prepareWorkFolder(folder, join(folder, "work", stack), stack);
const copyOf = (stack: string) => join(folder, "work", stack, `Pulumi.${stack}.yaml`);

test("the engine gets copies, and the repository's files stay as they are", () => {
  expect(prepare("dev").file.cluster).toEqual({ context: "production" });
  expect(readFileSync(copyOf("dev"), "utf8")).toBe(stackText);
  expect(existsSync(join(folder, "work/dev/Pulumi.yaml"))).toBe(true);
});

test("the salt that the engine wrote is kept, and edits of the repository's file take effect", () => {
  prepare("dev");
  writeFileSync(copyOf("dev"), `${stackText}encryptionsalt: v1:abc\n`);
  writeFileSync(join(folder, "Pulumi.dev.yaml"), "config:\n  platform:x: 1\n");
  prepare("dev");
  expect(readFileSync(copyOf("dev"), "utf8")).toBe("config:\n  platform:x: 1\nencryptionsalt: v1:abc\n");
  expect(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8")).not.toContain("salt");
});

test("images for the real node are in the engine's copy only, beside the salt, and go again without it", () => {
  const images = [{ name: "postgres", title: "PostgreSQL 15", tag: "15" }] as const;
  const copy = copyOf("dev");
  prepare("dev");
  writeFileSync(copy, `${stackText}encryptionsalt: v1:abc\n`);
  expect(
    prepareWorkFolder(folder, join(folder, "work/dev"), "dev", { images, apiServerPort: 22_000 }).warnings,
  ).toEqual([]);
  const written = readFileSync(copy, "utf8");
  expect(written).toContain("sandbox.invalid/platform/postgres");
  expect(written).toContain("encryptionsalt: v1:abc");
  expect(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8")).toBe(stackText);
  prepare("dev");
  expect(readFileSync(copy, "utf8")).toBe(`${stackText}encryptionsalt: v1:abc\n`);
});

test("a stack file that the images cannot be put into is a warning", () => {
  writeFileSync(join(folder, "Pulumi.dev.yaml"), "config: { platform:images: { pullPolicy: Always } }\n");
  const images = [{ name: "postgres", title: "PostgreSQL 15", tag: "15" }] as const;
  const { warnings } = prepareWorkFolder(folder, join(folder, "work/dev"), "dev", { images, apiServerPort: 22_000 });
  expect(warnings).toEqual([expect.stringMatching(/^Pulumi\.dev\.yaml: .*pullPolicy/)]);
});

test("a stack file with a salt or a key service of its own is used untouched", () => {
  const previous = "encryptionsalt: v1:old\n";
  for (const own of ["encryptionsalt: v1:own\n", "secretsprovider: awskms://alias/x\n"]) {
    expect(readStackFile("Pulumi.prod.yaml", own, previous)).toMatchObject({ text: own, ownEncryption: true });
  }
});

test("an unknown stack is refused with the known ones", () => {
  expect(() => prepare("staging")).toThrow(/no stack "staging".*Known: dev/);
});

test.each([
  ["config: [", /not valid YAML/],
  ["- a", /should be a YAML object/],
  ["config: { 'platform:cluster': production }", /should be an object such as/],
])("a stack file that cannot be understood is refused: %s", (text, message) => {
  expect(() => readStackFile("Pulumi.dev.yaml", text, "")).toThrow(message);
});

describe("state and passphrase", () => {
  const plain = readStackFile("Pulumi.dev.yaml", stackText, "");
  const encrypted = readStackFile("Pulumi.dev.yaml", "encryptionsalt: v1:own\n", "");
  const choose = (target: Target, file = plain, environment: NodeJS.ProcessEnv = {}) =>
    chooseBackend(target, "dev", file, folder, environment).environment;

  test("the sandbox has a passphrase of its own that only its owner can read", () => {
    const file = choose(sandbox)["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "";
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const passphrase = readFileSync(file, "utf8");
    expect(passphrase.length).toBeGreaterThan(20);
    choose(sandbox);
    expect(readFileSync(file, "utf8")).toBe(passphrase);
  });

  test("the user's passphrase is not given to the sandbox's stacks, where it would win", () => {
    const environment = choose(sandbox, plain, { PULUMI_CONFIG_PASSPHRASE: "mine" });
    expect(environment).toHaveProperty("PULUMI_CONFIG_PASSPHRASE", undefined);
  });

  test("a stack file that is encrypted needs the user's passphrase in the sandbox too", () => {
    expect(() => choose(sandbox, encrypted)).toThrow(/Pulumi.dev.yaml is encrypted.*PULUMI_CONFIG_PASSPHRASE/);
    const environment = choose(sandbox, encrypted, { PULUMI_CONFIG_PASSPHRASE: "mine" });
    expect(environment).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE_FILE");
  });

  test("a real cluster needs to be told where its state is, and its passphrase", () => {
    expect(() => choose(cluster)).toThrow(/Set PULUMI_BACKEND_URL, for example/);
    expect(() => choose(cluster, plain, { PULUMI_BACKEND_URL: "s3://bucket" })).toThrow(/PULUMI_CONFIG_PASSPHRASE/);
    const complete = { PULUMI_BACKEND_URL: "s3://bucket", PULUMI_CONFIG_PASSPHRASE: "" };
    expect(choose(cluster, plain, complete)).toEqual({});
    expect(choose(cluster, plain, { PULUMI_BACKEND_URL: "https://api.pulumi.com" })).toEqual({});
  });
});

test("a work folder that exists already is no obstacle", () => {
  mkdirSync(join(folder, "work/dev"), { recursive: true });
  expect(() => prepare("dev")).not.toThrow();
});
