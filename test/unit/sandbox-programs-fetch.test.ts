import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentProgress } from "../../sandbox/progress";
import { ensureMavenArchive, type MavenArchive, mavenFolder } from "../../sandbox/servers/maven-archive";
import { UserError } from "../../sandbox/user-error";

const archive: MavenArchive = { group: "org.example", artifact: "server", version: "1", sha256: "0".repeat(64) };
const own = { ...process.env };
let cache: string;
let repository: Server;

beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), "platform-programs-"));
  repository = createServer((request, response) => {
    response.statusCode = request.url?.startsWith("/org/example/server/1/server-1.zip") ? 200 : 404;
    response.end("something else");
  });
  await new Promise<void>((listening) => repository.listen(0, "127.0.0.1", listening));
  process.env["XDG_CACHE_HOME"] = cache;
  process.env["MAVEN_CENTRAL_URL"] = `http://127.0.0.1:${(repository.address() as AddressInfo).port}`;
});
afterEach(async () => {
  process.env = { ...own };
  await new Promise((closed) => repository.close(closed));
  rmSync(cache, { recursive: true });
});

test("what is in the cache is taken from there", async () => {
  mkdirSync(mavenFolder(archive), { recursive: true });
  expect(await ensureMavenArchive(archive, silentProgress)).toBe(join(cache, "platform/servers/server-1"));
});

test("an archive with another checksum is refused", async () => {
  await expect(ensureMavenArchive(archive, silentProgress)).rejects.toThrow(/SHA-256|checksum/i);
});

test("says what to do where the repository does not have it", async () => {
  const missing = ensureMavenArchive({ ...archive, version: "2" }, silentProgress);
  await expect(missing).rejects.toThrow(UserError);
  await expect(missing).rejects.toThrow(/server 2 could not be had.*MAVEN_CENTRAL_URL/s);
});
