import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryUrl } from "../../sandbox/servers/maven-archive";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "platform-maven-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function settings(mirrors: string): void {
  mkdirSync(join(home, ".m2"));
  writeFileSync(join(home, ".m2", "settings.xml"), `<settings><mirrors>${mirrors}</mirrors></settings>`);
}

const mirror = (of: string, url: string) => `<mirror><id>m</id><url>${url}</url><mirrorOf>${of}</mirrorOf></mirror>`;

test("takes Maven Central itself where nothing else is said", () => {
  expect(repositoryUrl({}, home)).toBe("https://repo.maven.apache.org/maven2");
});

test("takes the mirror that Maven would take", () => {
  settings(
    `<!-- ${mirror("*", "https://example.org/old")} -->${mirror("other", "https://example.org/other")}${mirror("central", "https://example.org/central/")}`,
  );
  expect(repositoryUrl({}, home)).toBe("https://example.org/central");
});

test("the variable wins", () => {
  settings(mirror("*", "https://example.org/all"));
  expect(repositoryUrl({ MAVEN_CENTRAL_URL: "https://example.org/mine/" }, home)).toBe("https://example.org/mine");
});
