import { manifestsYaml } from "../../stacks/render/yaml";

test("text that YAML 1.1 takes for something else stays text for kubectl", () => {
  const annotations = { a: "off", b: "yes", c: "1_000", d: "0o17", e: "plain" };
  const yaml = manifestsYaml([{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "map", annotations } }]);
  expect(yaml).toContain('a: "off"');
  expect(yaml).toContain('b: "yes"');
  expect(yaml).toContain('c: "1_000"');
  expect(yaml).toContain("e: plain");
});
