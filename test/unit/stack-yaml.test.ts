import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStackFile as readForEngine } from "../../sandbox/engine/work-folder";
import { readStackFile } from "../../stacks/render/stack-file";
import { configuration, stackText } from "../support/stack-yaml-samples";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stack-yaml-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: platform\nruntime: nodejs\n");
});

afterEach(() => rmSync(folder, { recursive: true }));

test("offline, a stack file means what it means to the Pulumi CLI", () => {
  writeFileSync(join(folder, "Pulumi.dev.yaml"), stackText);
  const read = readStackFile(folder, "dev").configuration;

  for (const [key, value] of Object.entries(configuration)) {
    const text = read[key] ?? "";
    expect([key, typeof value === "string" ? text : JSON.parse(text)]).toEqual([key, value]);
  }
});

test.each([
  ["a key twice", "config:\n  platform:x: { token: s3cret }\n  platform:x: 1\n"],
  ["a bracket too few", 'config:\n  platform:x: { token: "s3cret\n'],
  ["an alias without an anchor", "config:\n  platform:x: { token: *s3cret }\n"],
])("%s is refused by all commands alike, and none shows the line", (_, text) => {
  writeFileSync(join(folder, "Pulumi.dev.yaml"), text);
  for (const read of [() => readStackFile(folder, "dev"), () => readForEngine("Pulumi.dev.yaml", text, "")]) {
    expect(read).toThrow(/Pulumi\.dev\.yaml is not valid YAML/);
    expect(read).not.toThrow(/s3cret/);
  }
});
