import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checksumInList, type OfficialDownload } from "../../sandbox/tools/catalogue";
import { downloadTool, Hosts } from "../../sandbox/tools/download";

const CONTENT = "#!/bin/sh\necho program\n";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

let server: Server;
let origin: string;
let directory: string;
const served: Record<string, string> = {};
const requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    const body = served[path];
    response.writeHead(body === undefined ? 404 : 200, { "content-length": String(body?.length ?? 0) }).end(body);
  });
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "platform-download-"));
  requests.length = 0;
});
afterEach(() => rmSync(directory, { recursive: true }));

function offer(checksums: string): OfficialDownload {
  served["/program"] = CONTENT;
  served["/SHA256SUMS"] = checksums;
  return {
    url: `${origin}/program`,
    checksumUrl: `${origin}/SHA256SUMS`,
    findChecksum: (answer) => checksumInList(answer, "program"),
  };
}

test("puts a program with the published checksum in its place, executable", async () => {
  const target = join(directory, "program");
  const received: [number, number | undefined][] = [];
  await downloadTool(offer(`${sha256(CONTENT)}  program`), target, new Hosts(), (...state) => received.push(state));

  expect(readFileSync(target, "utf8")).toBe(CONTENT);
  expect(statSync(target).mode & 0o777).toBe(0o755);
  expect(received.at(-1)).toEqual([CONTENT.length, CONTENT.length]);
  expect(readdirSync(directory)).toEqual(["program"]);
});

test("refuses a program whose checksum is another, and leaves nothing of it", async () => {
  const download = offer(`${sha256("what was published")}  program`);
  await expect(downloadTool(download, join(directory, "program"), new Hosts(), () => undefined)).rejects.toThrow(
    /the SHA-256 of .*\/program is [0-9a-f]{64}, but .*\/SHA256SUMS states/,
  );
  expect(readdirSync(directory)).toEqual([]);
});

test("does not even download a program without a published checksum", async () => {
  const download = offer(`${sha256(CONTENT)}  another-program`);
  await expect(downloadTool(download, join(directory, "program"), new Hosts(), () => undefined)).rejects.toThrow(
    /states no SHA-256/,
  );
  expect(requests).toEqual(["/SHA256SUMS"]);
});

test("takes a program out of an archive", async () => {
  const made = join(directory, "made");
  const { execFileSync } = await import("node:child_process");
  execFileSync("sh", [
    "-c",
    `mkdir -p ${made}/pack && printf '%s' hello > ${made}/pack/tool && tar -C ${made} -czf ${made}/pack.tgz pack`,
  ]);
  const archive = readFileSync(join(made, "pack.tgz"), "latin1");
  const binary = createServer((_, response) => response.end(Buffer.from(archive, "latin1")));
  await new Promise<void>((resolve) => binary.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const sum = createHash("sha256").update(Buffer.from(archive, "latin1")).digest("hex");
  const target = join(directory, "tool");
  try {
    await downloadTool(
      {
        ...offer(`${sum}  program`),
        url: `http://127.0.0.1:${(binary.address() as AddressInfo).port}/pack.tgz`,
        archiveMember: "pack/tool",
      },
      target,
      new Hosts(),
      () => undefined,
    );
  } finally {
    binary.close();
  }
  expect(readFileSync(target, "utf8")).toBe("hello");
});

test("asks a host that did not answer only once", async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/a`;
  await new Promise<void>((resolve) => gone.close(() => resolve()));
  const fetched = jest.spyOn(globalThis, "fetch");
  const hosts = new Hosts();
  await expect(hosts.get(url)).rejects.toThrow(/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
  await expect(hosts.get(`${url}b`)).rejects.toThrow(/cannot be reached/);
  expect(fetched).toHaveBeenCalledTimes(1);
  fetched.mockRestore();
});

describe("a host that stops in the middle of an answer", () => {
  let stalling: Server;
  let stallingOrigin: string;
  beforeAll(async () => {
    stalling = createServer((_, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("the beginning");
    });
    await new Promise<void>((resolve) => stalling.listen({ host: "127.0.0.1", port: 0 }, resolve));
    stallingOrigin = `http://127.0.0.1:${(stalling.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    stalling.closeAllConnections();
    stalling.close();
  });

  test.each([
    ["the checksums", "checksumUrl", /the answer to .*\/stalling broke off \(not complete after 1 s\)/],
    ["the program", "url", /the download of .*\/stalling broke off after 13 bytes \(nothing came for 1 s\)/],
  ] as const)("is given up while it sends %s, and leaves nothing", async (_, part, reason) => {
    const download = { ...offer(`${sha256(CONTENT)}  program`), [part]: `${stallingOrigin}/stalling` };
    const attempt = downloadTool(download, join(directory, "program"), new Hosts(1000), () => undefined);
    await expect(attempt).rejects.toThrow(reason);
    expect(readdirSync(directory)).toEqual([]);
  });
});

test("a missing file is not an unreachable host", async () => {
  const hosts = new Hosts();
  await expect(hosts.get(`${origin}/absent`)).rejects.toThrow(/answered 404/);
  served["/there"] = "yes";
  const { response } = await hosts.get(`${origin}/there`);
  expect(await response.text()).toBe("yes");
  expect(existsSync(directory)).toBe(true);
});

test("waits for the first byte of a large file as long as it is told, once the host is there", async () => {
  const slow = createServer((_, response) => void setTimeout(() => response.end("at last"), 1500));
  await new Promise<void>((resolve) => slow.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/large.zip`;
  try {
    await expect(new Hosts(60_000, 100).get(url)).rejects.toThrow("no answer in 0.1 s");
    const { response } = await new Hosts(60_000, 300_000).get(url);
    expect(await response.text()).toBe("at last");
  } finally {
    slow.closeAllConnections();
    slow.close();
  }
  await expect(new Hosts(60_000, 300_000).get(url)).rejects.toThrow(/cannot be reached \(.*ECONNREFUSED/);
});
