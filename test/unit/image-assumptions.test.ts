import { imageAssumptions } from "../../catalog/image-assumptions";
import { type ImageName, images } from "../../catalog/images";
import { problemsOf, settingsOf } from "./settings-support";

test.each([
  ["postgres", "16.10", "alpine"],
  ["postgres", "16-bookworm", "alpine"],
  ["postgres", "18.0-alpine", "up to 17"],
  ["vault", "2.0.1", "before 2.0.1"],
  ["vault", "2.1.0", "before 2.0.1"],
  ["vault", "v3.0", "before 2.0.1"],
  ["vault", "1.21.0-ent", "community"],
  ["vault", "1.14-ubi", "without a suffix"],
  ["rabbitmq", "3.13.7-management-alpine", "without `-alpine`"],
  ["rabbitmq", "3.13.7", "`-management`"],
  ["sonarqube", "10.7.0-enterprise", "community"],
  ["keycloak", "16.1.1", "17 or later"],
  ["keycloak", "19.0-legacy", "17 or later"],
  ["openhands", "1.2", "line 0"],
  ["jenkins", "2.516-windowsservercore", "Linux"],
  ["harbor-core", "v2.14.0", "the same tag"],
])("%s with the tag %s, which could not run in its pods, is refused", (name, tag, words) => {
  const problems = problemsOf({ images: { overrides: { [name]: { tag } } } }, { stack: "dev" });

  expect(problems.map(({ path }) => path)).toEqual([`platform:images.overrides.${name}.tag`]);
  expect(problems[0]?.text).toContain(words);
});

test.each([
  ["postgres", "17.2-alpine3.20"],
  ["vault", "2.0.0"],
  ["vault", "1.21.4"],
  ["rabbitmq", "4.1.0-management"],
  ["mariadb", "11.8.3-noble"],
  ["keycloak", "26.4"],
  ["sonarqube", "25.9.0-community"],
])("%s with the tag %s is accepted", (name, tag) => {
  expect(() => settingsOf({ images: { overrides: { [name]: { tag } } } }, { stack: "dev" })).not.toThrow();
});

test("a tag says nothing about an image of somebody's own, but all about a mirror's", () => {
  const from = (repository: string) => ({ images: { overrides: { postgres: { repository, tag: "16" } } } });

  expect(() => settingsOf(from("registry.example.org/own/postgres"), { stack: "dev" })).not.toThrow();
  expect(problemsOf(from(`registry.example.org/mirror/${images.postgres.repository}`), { stack: "dev" })).toHaveLength(
    1,
  );
});

test("every image of the catalogue keeps to what its pods take for granted", () => {
  for (const [name, assumptions] of Object.entries(imageAssumptions)) {
    const { tag } = images[name as ImageName];
    expect([name, assumptions.filter(({ tags }) => tags.test(tag))]).toEqual([name, []]);
  }
});
