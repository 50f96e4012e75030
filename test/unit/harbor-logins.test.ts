import * as pulumi from "@pulumi/pulumi";
import type { RegistryEndpoint } from "../../components/contracts";
import { externalRegistry } from "../../components/registry/external-registry";
import { RegistryBootstrap } from "../../components/registry/registry-bootstrap";
import { recordProgram } from "../../stacks/render/recording-monitor";

const peer = { namespace: "harbor-system", podLabels: { component: "nginx" } };
const robot = { project: "kubekloud", description: "Pulls", days: 365, rotation: 1 };

/** Runs `use` with the robots `cluster`, which may pull, and `ci`, which may push, too. */
async function withBootstrap<Result>(
  use: (bootstrap: RegistryBootstrap<"cluster" | "ci">) => Result | Promise<Result>,
  administratorPassword = "administrator",
) {
  let result: Result | undefined;
  const registrations = await recordProgram(
    async () => {
      const bootstrap = new RegistryBootstrap("bootstrap", {
        namespace: { plainName: "harbor-system", name: pulumi.output("harbor-system") },
        image: {
          reference: "docker.io/library/python:3",
          version: "3",
          pullPolicy: "IfNotPresent",
          pullSecrets: [],
        } as const,
        api: {
          system: "Harbor",
          ports: [8080],
          peer: { namespace: "harbor-system", podLabels: { component: "core" } },
          url: "http://harbor-core.harbor-system.svc.cluster.local:80",
          username: "admin",
          password: pulumi.secret(administratorPassword),
          passwordVersion: pulumi.output(administratorPassword),
          ready: [],
        },
        registry: { scheme: "http", host: "harbor.local:30002", front: { system: "Harbor", ports: [8080], peer } },
        projects: [],
        robots: {
          cluster: { ...robot, name: "cluster", actions: ["pull"] },
          ci: { ...robot, name: "ci", actions: ["pull", "push"] },
        },
        schedule: "17 3 * * *",
      });
      result = await use(bootstrap);
    },
    { project: "platform", stack: "test", configuration: {}, secretKeys: [] },
  );
  return { result, registrations };
}

const resolved = <Value>(output: pulumi.Output<Value>) => new Promise<Value>((resolve) => output.apply(resolve));

test("a pull secret can be made before Harbor runs, and its users wait for the job", async () => {
  const { result, registrations } = await withBootstrap(async (bootstrap) => {
    const endpoint: RegistryEndpoint = bootstrap.pull("cluster");
    const [password, json] = [await resolved(endpoint.password), await resolved(endpoint.dockerConfigJson)];
    const waitsFor = await Promise.all(endpoint.ready.map(({ urn }) => resolved(urn)));
    return { endpoint, password, json, waitsFor, secret: await pulumi.isSecret(endpoint.dockerConfigJson) };
  });
  expect(result?.endpoint).toMatchObject({
    scheme: "http",
    host: "harbor.local:30002",
    project: "kubekloud",
    username: "robot$kubekloud+cluster",
    ports: [8080],
    peer,
  });
  expect(result?.secret).toBe(true);
  expect(JSON.parse(result?.json ?? "")).toEqual({
    auths: {
      "harbor.local:30002": {
        username: "robot$kubekloud+cluster",
        password: result?.password,
        auth: Buffer.from(`robot$kubekloud+cluster:${result?.password}`).toString("base64"),
      },
    },
  });
  const job = registrations.find(({ type }) => type === "kubernetes:batch/v1:Job");
  expect(result?.waitsFor).toEqual([job?.urn]);
});

test("the job that makes the robots runs again after a failure, and with another password of the administrator", async () => {
  const job = async (password?: string) => {
    const { registrations } = await withBootstrap(() => undefined, password);
    return registrations.find(({ type }) => type === "kubernetes:batch/v1:Job")?.inputs["metadata"];
  };
  const first = await job();
  expect(first).toMatchObject({ annotations: { "pulumi.com/replaceUnready": "true" } });
  expect(await job()).toEqual(first);
  expect(await job("another")).not.toEqual(first);
});

test("a robot that only pulls is never given out for pushing", async () => {
  const { result } = await withBootstrap((bootstrap) => {
    expect(() => bootstrap.push("cluster")).toThrow('No robot "cluster" may push; these may: ci.');
    return bootstrap.push("ci").username;
  });
  expect(result).toBe("robot$kubekloud+ci");
});

test.each([
  ["http", "registry.example.org", 80],
  ["https", "registry.example.org", 443],
  ["https", "registry.example.org:5000", 5000],
] as const)("a registry of somebody else by %s at %s is reached at port %i", (scheme, host, port) => {
  const facts = { scheme, host, project: "tools", cidrs: ["10.0.0.0/24"], username: "u", password: "p" };
  expect(externalRegistry(facts)).toMatchObject({ host, ports: [port], peer: { cidrs: ["10.0.0.0/24"] }, ready: [] });
});
