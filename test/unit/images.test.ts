import { images } from "../../catalog/images";
import { type ImageSettings, resolveImage } from "../../catalog/resolve";

const plain: ImageSettings = { overrides: {}, pullSecrets: [] };
const digest = `sha256:${"a".repeat(64)}`;

test("the seed's images are what runs when nothing is set", () => {
  expect(resolveImage("openchecker-main", plain)).toMatchObject({
    reference: "docker.io/guoqiangqi/openchecker:v0.19",
    version: "v0.19",
  });
  expect(resolveImage("openchecker-agent", plain).reference).toBe("docker.io/guoqiangqi/openchecker:v0.21");
});

test("a mirror takes the place of the registry host and keeps the repository", () => {
  const mirrored = { ...plain, registry: "registry.example.org/mirror" };
  expect(resolveImage("rabbitmq", mirrored).reference).toMatch(/^registry\.example\.org\/mirror\/library\/rabbitmq:/);
});

test("a digest replaces the tag, also the one that an outer level set", () => {
  const stack: ImageSettings = { ...plain, overrides: { "openchecker-agent": { tag: "v0.30" } } };
  expect(resolveImage("openchecker-agent", stack).reference).toMatch(/openchecker:v0\.30$/);
  expect(resolveImage("openchecker-agent", stack, { digest })).toMatchObject({
    reference: `docker.io/guoqiangqi/openchecker@${digest}`,
    version: "a".repeat(12),
  });
});

test.each([
  ["ghcr.io/owner/name", "ghcr.io/owner/name"],
  ["localhost:5000/name", "localhost:5000/name"],
  ["owner/name", "docker.io/owner/name"],
])("the repository %s is read as container runtimes read it", (repository, expected) => {
  expect(resolveImage("openchecker-agent", plain, { repository, tag: "1" }).reference).toBe(`${expected}:1`);
});

test("every image names a registry, a version and its architectures", () => {
  for (const image of Object.values(images)) {
    expect(image.registry).toMatch(/\./);
    expect(image.tag).not.toBe("");
    expect(image.architectures).toContain("amd64");
  }
});
