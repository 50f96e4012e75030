import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { checkReachable, runsInLanguageHost } from "../../stacks/cluster-reachability";
import { freePort } from "../support/free-port";

/** A server that takes connections stands for the API server: more than that is not asked for. */
let folder: string;
let server: Server;
let reachable: string;
let closed: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "platform-reach-"));
  server = createServer((socket) => socket.destroy());
  const port = await freePort();
  await new Promise<void>((ready) => server.listen(port, "127.0.0.1", ready));
  reachable = `https://127.0.0.1:${port}`;
  closed = `https://127.0.0.1:${await freePort()}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** A kubeconfig with one context of this name. */
function file(context: string, cluster: object, clusterName = context): string {
  const path = join(folder, `${context}-${Math.random()}`);
  const content = {
    clusters: [{ name: clusterName, cluster }],
    contexts: [{ name: context, context: { cluster: context } }],
  };
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const check = (context: string, files: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  checkReachable({ context, clusterIdentifier: context }, { KUBECONFIG: files.join(delimiter), ...environment });

test("a server that takes connections is reachable, whichever of the files has the context", async () => {
  await check("a", [file("b", { server: closed }), join(folder, "missing"), file("a", { server: reachable })]);
});

test("a server that nobody answers for ends the run, with its address, the context and the next step", async () => {
  const files = [file("a", { server: closed })];
  const error = await check("a", files).catch((each: Error) => each);
  expect(error).toMatchObject({ name: "UserError", message: expect.stringContaining(`${closed} (context "a")`) });
  expect(error).toMatchObject({
    message: expect.stringMatching(/ECONNREFUSED.*kubectl --context a version.*Nothing has/),
  });
  await check("a", files, { PLATFORM_OFFLINE: "true" });
});

test("what only the provider knows is left to it: proxies, and the login of a pod", async () => {
  await check("a", [file("a", { server: closed, "proxy-url": "http://proxy.example.org:3128" })]);
  await check("a", [file("a", { server: closed })], { HTTPS_PROXY: "http://proxy.example.org:3128" });
  await check("a", [join(folder, "missing")], { KUBERNETES_SERVICE_HOST: "10.96.0.1" });
});

test.each<[string, () => string[], RegExp]>([
  ["no kubeconfig", () => [join(folder, "missing")], /There is no kubeconfig: .*missing does not exist.*context "a"/],
  ["no such context", () => [file("b", { server: "https://x" })], /no context "a".*It has: "b"/],
  ["a context that leads nowhere", () => [file("a", { server: "https://x" }, "other")], /its cluster "a" is missing/],
  ["a server that is no URL", () => [file("a", { server: "nonsense" })], /has no `server` that is a URL/],
  ["a file that is no YAML", () => broken(), /cannot be read, or is not valid YAML\.$/],
])("is told before anything else: %s", async (_, files, message) => {
  await expect(check("a", files())).rejects.toThrow(message);
});

function broken(): string[] {
  const path = join(folder, "broken");
  writeFileSync(path, "users: [token: hunter2");
  return [path];
}

test("only plain `pulumi` asks: the commands have asked already, and renders have no cluster", () => {
  expect(runsInLanguageHost({ PULUMI_NODEJS_MONITOR: "127.0.0.1:1" })).toBe(true);
  expect(runsInLanguageHost({ PULUMI_NODEJS_MONITOR: "127.0.0.1:1", PLATFORM_KUBECONFIG: "/k" })).toBe(false);
  expect(runsInLanguageHost({})).toBe(false);
});
