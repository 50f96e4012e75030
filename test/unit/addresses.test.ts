import * as pulumi from "@pulumi/pulumi";
import type { Exposure } from "../../components/exposure/exposure";
import { WebExposure } from "../../components/exposure/web-exposure";
import { deployPlatform, type PlatformOutputs } from "../../stacks/platform";
import { stackReadme } from "../../stacks/readme";
import { recordProgram } from "../../stacks/render/recording-monitor";
import { resolved } from "../support/render-component";
import { settingsOf, withoutKpaas } from "./settings-support";

const ingress: Exposure = { type: "ingress", host: "app.example.org", tls: { from: "none" } };

/** What a cluster gives a Service. */
type Given = { readonly nodePort?: number; readonly address?: { readonly ip?: string; readonly hostname?: string } };

/** The address of a service on port 8080, once the cluster has made it. */
async function addressOf(exposure: Exposure, { nodePort, address }: Given = {}, port = 8080) {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({
      id: name,
      state: {
        ...inputs,
        spec: { ...inputs["spec"], ports: [{ port, nodePort }] },
        status: { loadBalancer: address === undefined ? {} : { ingress: [address] } },
      },
    }),
    call: () => ({}),
  });
  const { url } = new WebExposure("app", {
    namespace: { plainName: "app", name: pulumi.output("app") },
    labels: {},
    workload: { system: "app", name: "app", namespace: "app", podLabels: { app: "app" } },
    serviceName: "app",
    port,
    target: { name: "http", port },
    exposure,
    ingressName: "app",
    ingress: { className: "nginx", controller: { namespace: "ingress", podLabels: {} }, awaitAddress: true },
  });
  return resolved(pulumi.output(url));
}

test("a service inside the cluster has no address for people", async () => {
  expect(await addressOf({ type: "clusterIp" })).toBeUndefined();
});

test("a service behind an ingress has the address of its host", async () => {
  expect(await addressOf(ingress, { address: { ip: "192.0.2.7" } })).toBe("http://app.example.org");
});

test("a node port is shown with the port that the cluster chose, at any node", async () => {
  expect(await addressOf({ type: "nodePort" }, { nodePort: 31234 })).toBe("http://NODE:31234");
});

test.each<[Given["address"], number, string]>([
  [{ ip: "192.0.2.7" }, 80, "http://192.0.2.7"],
  [{ ip: "192.0.2.7" }, 8080, "http://192.0.2.7:8080"],
  [{ hostname: "lb.example.org" }, 8080, "http://lb.example.org:8080"],
  [{ ip: "2001:db8::7" }, 8080, "http://[2001:db8::7]:8080"],
  [undefined, 80, "http://LOAD-BALANCER"],
])("a load balancer with the address %j and port %i is reached at %s", async (address, port, url) => {
  expect(await addressOf({ type: "loadBalancer" }, { ...(address && { address }) }, port)).toBe(url);
});

/** Addresses and readme of a stack, without a cluster. */
async function outputsOf(configured: Readonly<Record<string, unknown>>) {
  const settings = settingsOf(configured, { stack: "dev" });
  let outputs: PlatformOutputs | undefined;
  await recordProgram(
    async () => {
      outputs = deployPlatform("test", settings, {}).outputs;
    },
    { project: "platform", stack: "test", configuration: {}, secretKeys: [] },
  );
  const { urls, readme } = outputs as PlatformOutputs;
  return { urls: await resolved(pulumi.output(urls)), readme: await resolved(readme) };
}

test("the outputs of a stack name the address of every exposed system, with words for what only the cluster knows", async () => {
  const { urls, readme } = await outputsOf({
    ...withoutKpaas,
    harbor: { oidc: { enabled: false } },
    openchecker: { exposure: { type: "nodePort", nodePort: 30080 } },
    sonarqube: { exposure: { type: "clusterIp" } },
    kubekloud: { exposure: { type: "loadBalancer", allowedSources: ["192.0.2.0/24"] } },
  });
  expect(urls).toEqual({
    harbor: "http://harbor.local:30002",
    kubekloud: "http://LOAD-BALANCER",
    openchecker: "http://NODE:30080",
  });
  expect(readme).toContain("| kubekloud | http://LOAD-BALANCER | none |");
  expect(readme).toContain("| openchecker | http://NODE:30080 | `credentials.openchecker` |");
  expect(readme).toContain("| sonarqube | inside the cluster only | `credentials.sonarqube` |");
  expect(readme).toMatch(/`NODE` stands for the address of any node/);
});

test("the node ports of logins inside K-PaaS are named as well", async () => {
  const nodeAddress = "192.0.2.10";
  const { urls } = await outputsOf({
    kpaas: {
      exposure: "nodePort",
      nodeAddress,
      portal: { broker: { enabled: true, exposure: { type: "nodePort" } } },
    },
    pipeline: { internalNodePorts: true },
  });
  expect(urls).toMatchObject({
    jenkins: `http://${nodeAddress}:30086`,
    "portal-broker": expect.stringMatching(`^http://${nodeAddress}:3\\d{4}$`),
  });
});

test("the readme explains the words that it uses, and no others", () => {
  const readme = stackReadme("test", { one: "http://192.0.2.7", two: "http://NODE:31234" }, []);
  expect(readme).toContain("`NODE` stands for");
  expect(readme).not.toContain("LOAD-BALANCER");
});
