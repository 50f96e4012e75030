import { readFileSync } from "node:fs";
import { join } from "node:path";
import { images } from "../../catalog/images";
import { programImages } from "../../sandbox/images/programs";
import { goServers } from "../../sandbox/servers/go-servers";

const definitions = Object.entries(programImages);

test.each(definitions)("%s is named as its key, and as the catalogue names it", (key, { name }) => {
  expect(name).toBe(key);
  // The cluster's DNS is not the platform's.
  expect(Object.keys(images).includes(name)).toBe(name !== "coredns");
});

test.each(definitions)("%s starts a program that it has, as a user that is not root", (_, definition) => {
  const { process, content, packages } = definition;
  const [program = ""] = process.entrypoint;
  const brought = content.some(({ to }) => program === to);
  expect(brought || (packages as readonly string[]).includes("default-jre-headless")).toBe(true);
  expect(process.user).toMatch(/^[1-9]\d*:\d+$/);
});

test.each(Object.values(goServers))(
  "$name is built from the module that pins it",
  ({ name, package: path, version }) => {
    const pins = readFileSync(join(__dirname, "../../tools", name, "go.mod"), "utf8");
    expect(pins).toContain(`\ntool ${path}\n`);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  },
);

test("the exporter and Keycloak have the versions of the catalogue", () => {
  expect(`v${programImages["postgres-exporter"].tag}`).toBe(images["postgres-exporter"].tag);
  expect(programImages.keycloak.tag).toBe(images.keycloak.tag);
  expect(`${programImages.sonarqube.tag}-community`).toBe(images.sonarqube.tag);
});

describe("the users are those that the pods have", () => {
  const manifest = (file: string) => readFileSync(join(__dirname, "../golden/dev", file), "utf8");

  test.each([
    ["keycloak", "keycloak/statefulset-keycloak.yaml"],
    ["sonarqube", "sonarqube/deployment-sonarqube.yaml"],
    ["vault", "vault/statefulset-vault.yaml"],
  ] as const)("%s", (name, file) => {
    const text = manifest(file);
    const [, group] = text.match(/runAsGroup: (\d+)/) ?? [];
    const [, user] = text.match(/runAsUser: (\d+)/) ?? [];
    expect(programImages[name].process.user).toBe(`${user}:${group}`);
  });

  test("SonarQube's program is the one of its distribution, started where its files are", () => {
    const { process, content } = programImages.sonarqube;
    const [{ from, to } = { from: "", to: "" }] = content;
    expect(process.workingDirectory).toBe(to);
    const version = from.match(/sonar-application-(\S+)$/)?.[1];
    expect(process.entrypoint).toContain(`lib/sonar-application-${version}.jar`);
  });
});
