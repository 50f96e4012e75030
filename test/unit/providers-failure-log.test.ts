import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { InvokeRequest, type InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import { type RunningProviders, startProviders } from "../../sandbox/providers";
import { failureLog } from "../../sandbox/providers/failure-log";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "platform-failures-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("keeps failures with the place where they came from", () => {
  const file = join(directory, "providers.log");
  const tell = jest.fn();
  const log = failureLog(file, tell);
  log("random", "Create", new Error("first"));
  log("tls", "Delete", new Error("second"));
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(/ random Create: Error: first\n +at /);
  expect(text).toMatch(/ tls Delete: Error: second\n +at /);
  expect(tell).not.toHaveBeenCalled();
});

test("tells once that it cannot be written, and goes on when it can be written again", () => {
  const folder = join(directory, "removed");
  const tell = jest.fn();
  const log = failureLog(join(folder, "providers.log"), tell);
  log("random", "Create", new Error("first"));
  log("random", "Create", new Error("second"));
  expect(tell).toHaveBeenCalledTimes(1);
  expect(tell).toHaveBeenCalledWith(expect.stringMatching(/log of the builtin providers cannot be written.*ENOENT/));
  mkdirSync(folder);
  log("random", "Create", new Error("third"));
  expect(readFileSync(join(folder, "providers.log"), "utf8")).toContain("third");
});

describe("the provider process", () => {
  let providers: RunningProviders;
  let stderr = "";
  beforeEach(async () => {
    jest.spyOn(process.stderr, "write").mockImplementation((text) => {
      stderr += text;
      return true;
    });
    providers = await startProviders({ logFile: join(directory, "removed", "providers.log") });
  });
  afterEach(async () => {
    await providers.stop();
    jest.restoreAllMocks();
  });

  test("answers with the real error although its log cannot be written, and says so once", async () => {
    const [, port] = /random:(\d+)/.exec(providers.environment.PULUMI_DEBUG_PROVIDERS) ?? [];
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const invoke = promisify<InvokeRequest, InvokeResponse>(client.invoke.bind(client));
    try {
      for (const name of ["first", "second"])
        await expect(invoke(new InvokeRequest().setTok(name))).rejects.toThrow(`The function ${name} is not available`);
    } finally {
      client.close();
    }
    await providers.stop();
    expect(stderr.match(/log of the builtin providers cannot be written/g)).toHaveLength(1);
    expect(existsSync(join(directory, "removed"))).toBe(false);
  });
});
