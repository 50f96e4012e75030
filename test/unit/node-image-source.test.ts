import { reachableSource, realImagePrefixes } from "../../sandbox/node/image-source";
import { nodeImages } from "../../sandbox/node/systems";

const REGISTRY = { "Docker-Distribution-Api-Version": "registry/2.0" };
const answering = (status: number, headers: Record<string, string>) => async () =>
  new Response("{}", { status, headers });

test.each([
  [401, REGISTRY, "vendor"],
  [200, {}, "sandbox"], // a page that asks for a login
  [403, {}, "sandbox"], // a proxy that lets nobody through
])("an answer %i with %j gives images of the source %s", async (status, headers, source) => {
  expect(await reachableSource(answering(status, headers))).toBe(source);
});

test("without a registry in reach the images are the sandbox's", async () => {
  const refused = () => Promise.reject(new TypeError("fetch failed"));
  expect(await reachableSource(refused)).toBe("sandbox");
});

test("nobody waits for a registry that does not answer", async () => {
  let given: AbortSignal | null | undefined;
  await reachableSource(async (_, { signal }) => {
    given = signal;
    return new Response(null, { status: 401, headers: REGISTRY });
  });
  expect(given).toBeInstanceOf(AbortSignal);
});

test("pods run for real by the names of their images, with a tag or a digest", () => {
  expect(realImagePrefixes("sandbox")).toEqual(["sandbox.invalid/platform/"]);
  const vendors = realImagePrefixes("vendor");
  const isReal = (image: string) => vendors.some((prefix) => image.startsWith(prefix));
  expect(isReal("docker.io/library/postgres:16.10-alpine")).toBe(true);
  expect(isReal("docker.io/library/postgres@sha256:0123")).toBe(true);
  expect(isReal("docker.io/library/postgres-like:1")).toBe(false);
  expect(isReal("docker.io/guoqiangqi/openchecker:v0.21")).toBe(false);
  expect(isReal("sandbox.invalid/platform/coredns:1")).toBe(true);
  expect(nodeImages().length).toBeGreaterThan(6);
});
