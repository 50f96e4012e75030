import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStackFile } from "../../stacks/render/stack-file";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stack-file-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: platform\nruntime: nodejs\n");
});

afterEach(() => rmSync(folder, { recursive: true }));

test("encrypted values stay unknown and mark their section as secret", () => {
  writeFileSync(
    join(folder, "Pulumi.dev.yaml"),
    "config:\n  platform:openchecker: { tokens: { github: { secure: abc } }, agents: { replicas: 2 } }\n  platform:preset: dev\n",
  );
  expect(readStackFile(folder, "dev")).toEqual({
    project: "platform",
    stack: "dev",
    configuration: {
      "platform:openchecker": '{"tokens":{"github":"[secret]"},"agents":{"replicas":2}}',
      "platform:preset": "dev",
    },
    secretKeys: ["platform:openchecker"],
  });
});

test("a missing stack is answered with those that exist", () => {
  writeFileSync(join(folder, "Pulumi.dev.yaml"), "config: {}\n");
  expect(() => readStackFile(folder, "prd")).toThrow(/no stack "prd".*Stacks: dev/);
});

test("broken YAML is reported by its place, without its content", () => {
  writeFileSync(join(folder, "Pulumi.dev.yaml"), 'config:\n  platform:x: { token: "s3cret\n  y: ]\n');
  expect(() => readStackFile(folder, "dev")).toThrow(/Pulumi\.dev\.yaml is not valid YAML at line \d+/);
  expect(() => readStackFile(folder, "dev")).not.toThrow(/s3cret/);
});
