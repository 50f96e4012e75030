import { parse } from "yaml";
import {
  DNS_SERVICE_ADDRESS,
  HOST_SEEN_FROM_NODE,
  NODE_ADDRESS,
  POD_RANGE,
  SERVICE_RANGE,
} from "../../sandbox/cluster/addresses";
import { NODE_CAPACITY } from "../../sandbox/cluster/base-objects";
import { NODE_NAME, NODE_TAINT, type NodeFacts, type NodePrograms, nodeFiles } from "../../sandbox/node/configuration";
import type { NodeObject } from "../../sandbox/node/objects";
import { placementObjects } from "../../sandbox/node/placement";
import { missingForNode, requireNodePrerequisites } from "../../sandbox/node/prerequisites";
import { processorObjects } from "../../sandbox/node/processors";
import { testWith } from "../support/requirements";

/** What the programs of the real node are told, and what the node needs of the cluster and of the machine. */

const facts: NodeFacts = {
  directory: "/sandbox/node",
  pki: "/sandbox/pki",
  apiServerPort: 22_001,
  kubeletPort: 22_007,
};
const programs: NodePrograms = {
  containerd: "/programs/containerd",
  kubelet: "/programs/kubelet",
  "kube-proxy": "/programs/kube-proxy",
  "kube-router": "/programs/kube-router",
};
const files = nodeFiles(facts, programs, "sandbox.invalid/platform/pause:1");
const text = (file: string) => files[file] ?? "";
const words = (program: string) => text(`${program}.arguments`).trimEnd().split("\n");
const kubelet = parse(text("kubelet.yaml"));
const kubeProxy = parse(text("kube-proxy.yaml"));
const bridge = JSON.parse(text("cni/10-bridge.conflist")).plugins[0];

const LOOPBACK = "127.0.0.1";

test("the same input gives the same text, and other ports another one", () => {
  expect(nodeFiles(facts, programs, "sandbox.invalid/platform/pause:1")).toEqual(files);
  expect(nodeFiles({ ...facts, kubeletPort: 22_008 }, programs, "sandbox.invalid/platform/pause:1")).not.toEqual(files);
});

test("each program is started by its path, with files of the node's folder only", () => {
  for (const [name, path] of Object.entries(programs)) {
    const [program, ...others] = words(name);
    expect(program).toBe(path);
    const mentioned = others.join(" ").match(/(?<=[= ]|^)\/[^ ]*/g) ?? [];
    expect(mentioned.filter((each) => !each.startsWith(`${facts.directory}/`))).toEqual([]);
    expect(others.filter((each) => each.includes(" "))).toEqual([]);
  }
});

test("all of them find the API server where slirp4netns shows this machine's loopback", () => {
  const { clusters, users } = parse(text("kubeconfig"));
  expect(clusters[0].cluster).toEqual({
    server: `https://${HOST_SEEN_FROM_NODE}:${facts.apiServerPort}`,
    "certificate-authority": "/sandbox/pki/ca.crt",
  });
  expect(users[0].user).toEqual({
    "client-certificate": "/sandbox/pki/admin.crt",
    "client-key": "/sandbox/pki/admin.key",
  });
  const kubeconfig = "/sandbox/node/kubeconfig";
  expect(words("kubelet")).toContain(`--kubeconfig=${kubeconfig}`);
  expect(words("kube-router")).toContain(`--kubeconfig=${kubeconfig}`);
  expect(kubeProxy.clientConnection.kubeconfig).toBe(kubeconfig);
});

test("what listens, listens on the node's own address or on its loopback", () => {
  expect([kubelet.address, kubelet.port]).toEqual([NODE_ADDRESS, facts.kubeletPort]);
  // 0: not at all.
  expect([kubelet.readOnlyPort, kubelet.healthzPort]).toEqual([0, 0]);
  expect(kubeProxy.bindAddress).toBe(NODE_ADDRESS);
  for (const address of [kubeProxy.healthzBindAddress, kubeProxy.metricsBindAddress]) {
    expect(address.split(":")[0]).toBe(LOOPBACK);
  }
  expect(words("kube-router")).toContain("--health-port=0");
  expect(text("containerd.toml")).toContain("disable_tcp_service = true");
  expect(text("containerd.toml")).not.toMatch(/tcp_address|0\.0\.0\.0/);
});

test("the kubelet asks everybody for a certificate of the cluster", () => {
  expect(kubelet.authentication).toEqual({
    anonymous: { enabled: false },
    webhook: { enabled: false },
    x509: { clientCAFile: "/sandbox/pki/ca.crt" },
  });
});

test("the kubelet starts on any version of control groups, and keeps other pods away", () => {
  expect(kubelet).toMatchObject({
    failCgroupV1: false,
    cgroupDriver: "cgroupfs",
    cgroupsPerQOS: false,
    featureGates: { InPlacePodVerticalScaling: false },
    enforceNodeAllocatable: [],
  });
  expect(kubelet.registerWithTaints).toEqual([NODE_TAINT]);
  expect(words("kubelet")).toContain(`--hostname-override=${NODE_NAME}`);
  expect(words("kubelet")).toContain(`--node-ip=${NODE_ADDRESS}`);
});

test("containers ask the cluster's DNS, which asks the machine's", () => {
  expect([kubelet.clusterDNS, kubelet.clusterDomain]).toEqual([[DNS_SERVICE_ADDRESS], "cluster.local"]);
  expect(kubelet.resolvConf).toBe("/sandbox/node/resolv.conf");
  expect(text("resolv.conf")).toMatch(/^nameserver \d+\.\d+\.\d+\.\d+\n$/);
});

test("containerd keeps to the node's folder, and to the image and the network that it is given", () => {
  const toml = text("containerd.toml");
  expect(toml).toMatch(/^root = "\/sandbox\/node\/containerd"$/m);
  // In the node's own /run.
  expect(toml).toMatch(/^state = "\/run\/containerd"$/m);
  expect(toml).toMatch(/^ {2}sandbox_image = "sandbox\.invalid\/platform\/pause:1"$/m);
  expect(toml).toMatch(/^ {4}conf_dir = "\/sandbox\/node\/cni"$/m);
  expect(toml).toMatch(/^ {2}restrict_oom_score_adj = true$/m);
  const socket = /^ {2}address = "(.*)"$/m.exec(toml)?.[1];
  expect(kubelet.containerRuntimeEndpoint).toBe(`unix://${socket}`);
});

test("pods get their addresses from one range, over a bridge that lets a pod reach itself through a Service", () => {
  expect(bridge).toMatchObject({ type: "bridge", isGateway: true, ipMasq: true, hairpinMode: true });
  expect(bridge.ipam.ranges).toEqual([[{ subnet: POD_RANGE }]]);
});

test("kube-proxy translates Services, and kube-router does network policies and nothing else", () => {
  expect(kubeProxy).toMatchObject({ mode: "nftables", clusterCIDR: POD_RANGE, hostnameOverride: NODE_NAME });
  // The machine's table of connections is not the sandbox's to size.
  expect(kubeProxy.conntrack).toEqual({ maxPerCore: 0, min: 0 });
  expect(words("kube-router")).toEqual(
    expect.arrayContaining([
      "--run-firewall=true",
      "--run-router=false",
      "--run-service-proxy=false",
      "--enable-cni=false",
      `--hostname-override=${NODE_NAME}`,
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
    ]),
  );
});

describe("admission policies", () => {
  const placement = placementObjects(["sandbox.invalid/platform/"], ["oauth2-proxy"]);
  const processors = processorObjects();

  test.each([
    ["placement", placement],
    ["processors", processors],
  ])("%s: a policy, and a binding that puts it into force", (_, objects) => {
    expect(objects.map(({ object }) => object.kind)).toEqual([
      "MutatingAdmissionPolicy",
      "MutatingAdmissionPolicyBinding",
    ]);
    const [policy, binding] = objects;
    expect(binding?.object["spec"]).toEqual({ policyName: policy?.object.metadata.name });
    for (const { path, object } of objects) {
      expect(path).toBe(`/apis/${object.apiVersion}/${resourceOf(object.kind)}`);
    }
  });

  test("both have names of their own: one would replace the other", () => {
    expect(placement[0]?.object.metadata.name).not.toBe(processors[0]?.object.metadata.name);
  });

  test("a pod is placed by the beginnings of its images' names, unless it is of a simulated system", () => {
    const spec = specOf(placement);
    expect(spec.matchConstraints.resourceRules).toMatchObject([{ resources: ["pods"], operations: ["CREATE"] }]);
    const conditions = spec.matchConditions.map(({ expression }) => expression).join("\n");
    expect(conditions).toContain("object.spec.containers.all(");
    expect(conditions).toContain("object.spec.initContainers.all(");
    expect(conditions).toContain('["sandbox.invalid/platform/"]');
    expect(conditions).toContain('["oauth2-proxy"]');
    const patch = spec.mutations.map(({ jsonPatch }) => jsonPatch.expression).join("\n");
    for (const word of [NODE_NAME, ...Object.values(NODE_TAINT)]) expect(patch).toContain(`"${word}"`);
  });

  test("the real node states as many processors as a simulated one, and only that node", () => {
    const spec = specOf(processors);
    expect(spec.matchConstraints.resourceRules).toMatchObject([
      { resources: ["nodes/status"], operations: ["UPDATE"] },
    ]);
    expect(spec.matchConditions.map(({ expression }) => expression)).toContain(
      `object.metadata.name == "${NODE_NAME}"`,
    );
    const patch = spec.mutations.map(({ jsonPatch }) => jsonPatch.expression).join("\n");
    for (const list of ["capacity", "allocatable"]) expect(patch).toContain(`/status/${list}/cpu`);
    expect(patch).toContain(`value: "${NODE_CAPACITY.cpu}"`);
  });
});

describe("what a machine lacks", () => {
  const path = process.env["PATH"];
  afterEach(() => {
    process.env["PATH"] = path;
    jest.restoreAllMocks();
  });

  // Elsewhere the operating system is all that is missing.
  const testOnLinux = testWith("Linux", process.platform === "linux");

  testOnLinux("is told at once, each with the way out, before anything is changed", () => {
    jest.spyOn(process, "getuid").mockReturnValue(1000);
    process.env["PATH"] = "/nowhere";
    const missing = missingForNode();
    expect(missing.some((each) => each.startsWith("root: "))).toBe(true);
    expect(missing.join("\n")).toMatch(/^programs: apt-get install --no-install-recommends .*\bcontainerd\b/m);
    for (const each of missing) expect(each).not.toMatch(/\n|undefined|\[object/);
    let message = "";
    try {
      requireNodePrerequisites();
    } catch (error) {
      message = (error as Error).message;
    }
    for (const each of missing) expect(message).toContain(`  - ${each}\n`);
    expect(message).toMatch(/`--node simulated` .*simulated nodes/);
  });
});

interface PolicySpec {
  readonly matchConstraints: { readonly resourceRules: readonly unknown[] };
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly mutations: readonly { readonly patchType: string; readonly jsonPatch: { readonly expression: string } }[];
}

function specOf(objects: readonly NodeObject[]): PolicySpec {
  return objects[0]?.object["spec"] as PolicySpec;
}

/** Name of the collection in the API's paths. */
function resourceOf(kind: string): string {
  return `${kind.toLowerCase()}${kind.endsWith("y") ? "" : "s"}`.replace(/y$/, "ies");
}
