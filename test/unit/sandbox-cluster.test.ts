import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { clusterStatus } from "../../sandbox/cluster";
import { baseObjects } from "../../sandbox/cluster/base-objects";
import { type ClusterTools, fingerprint, kwokctlConfiguration, stageFiles } from "../../sandbox/cluster/configuration";
import { kubeconfigText, writeKubeconfig } from "../../sandbox/cluster/kubeconfig";
import { layoutOf } from "../../sandbox/cluster/layout";
import { choosePorts, portBlock, preferredBlock } from "../../sandbox/cluster/ports";
import { componentOf } from "../../sandbox/cluster/processes";
import { hasData, readRecord, writeRecord } from "../../sandbox/cluster/record";
import { ClusterStartError, reasonIn } from "../../sandbox/cluster/start";
import { volumeDirectories } from "../../sandbox/cluster/volume-directories";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "platform-cluster-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("ports", () => {
  const free = async () => true;

  test("are the same after a reset, and those of two folders do not overlap", async () => {
    const one = await choosePorts("/one", undefined, free);
    const two = await choosePorts("/two", undefined, free);
    expect(await choosePorts("/one", undefined, free)).toEqual(one);
    expect(Object.values(one).filter((port) => Object.values(two).includes(port))).toEqual([]);
  });

  test("lie below those for outgoing connections and Kubernetes' NodePorts", () => {
    for (const index of [0, 1, 799, 1_599, 1_600, 5_000]) {
      for (const port of Object.values(portBlock(index))) {
        expect(port).toBeGreaterThanOrEqual(20_000);
        expect(port).toBeLessThan(30_000);
      }
    }
  });

  test("stay as they were when they are free, and move to the next block when they are not", async () => {
    const before = portBlock(7);
    const taken = portBlock(preferredBlock("/one"));
    const notTaken = async (ports: typeof taken) => ports.apiServer !== taken.apiServer;
    expect(await choosePorts("/one", before, free)).toEqual(before);
    expect(await choosePorts("/one", undefined, notTaken)).toEqual(portBlock(preferredBlock("/one") + 1));
  });

  test("say where they were looked for when there are none", async () => {
    await expect(choosePorts("/one", undefined, async () => false)).rejects.toThrow(
      /no 7 free ports.*127\.0\.0\.1 from \d+/,
    );
  });
});

describe("processes", () => {
  const kwok = "/home/me/my work/.sandbox/cluster/kwok";
  const etcd = `${kwok}/clusters/sandbox-1/bin/etcd`;

  test("are recognised by the path of their program", () => {
    expect(componentOf(`${etcd}\0--name=node0`, kwok)).toBe("etcd");
    expect(componentOf(`${kwok}/clusters/x/bin/kube-apiserver --secure-port=1`, kwok)).toBe("kube-apiserver");
  });

  test("of others are left alone, whatever they mention", () => {
    expect(componentOf(`tail -f ${etcd}`, kwok)).toBeUndefined();
    expect(componentOf(`${etcd}ctl get`, kwok)).toBeUndefined();
    expect(componentOf("/home/you/.sandbox/cluster/kwok/clusters/x/bin/etcd", kwok)).toBeUndefined();
    expect(componentOf("", kwok)).toBeUndefined();
  });
});

describe("the kubeconfig", () => {
  const credentials = { server: "https://127.0.0.1:20000", authority: "CA", certificate: "CERT", key: "KEY" };

  test("has one context, whose name says what it is, and stands alone", () => {
    const config = parse(kubeconfigText(credentials));
    expect(config["current-context"]).toBe("platform-sandbox");
    expect(config.contexts).toEqual([
      { name: "platform-sandbox", context: { cluster: "platform-sandbox", user: "platform-sandbox" } },
    ]);
    expect(config.clusters[0].cluster).toEqual({ server: credentials.server, "certificate-authority-data": "Q0E=" });
    expect(config.users[0].user).toEqual({ "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ" });
  });

  test("is readable by its owner only, also where another one was", () => {
    for (const name of ["ca.crt", "admin.crt", "admin.key"]) writeFileSync(join(directory, name), name);
    const file = join(directory, "kubeconfig");
    writeFileSync(file, "old", { mode: 0o644 });
    writeKubeconfig(file, credentials.server, directory);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toContain(credentials.server);
  });
});

describe("the configuration", () => {
  const tools: ClusterTools = {
    kwok: "/t/kwok",
    kwokctl: "/t/kwokctl",
    etcd: "/t/etcd",
    "kube-apiserver": "/t/kube-apiserver",
    "kube-controller-manager": "/t/kube-controller-manager",
    "kube-scheduler": "/t/kube-scheduler",
    kubectl: "/t/kubectl",
  };

  test("binds every component to loopback, on the given ports", () => {
    const { options } = parse(kwokctlConfiguration(portBlock(0), tools, false, "/pki"));
    expect(options).toMatchObject({
      bindAddress: "127.0.0.1",
      kubeApiserverPort: 20_000,
      etcdPeerPort: 20_002,
      kwokControllerPort: 20_005,
      etcdBinary: "/t/etcd",
    });
    expect(options.kubeAuditPolicy).toBeUndefined();
  });

  test("names an audit policy that exists, when calls are to be logged", () => {
    const { options } = parse(kwokctlConfiguration(portBlock(0), tools, true, "/pki"));
    expect(existsSync(options.kubeAuditPolicy)).toBe(true);
  });

  test("has a fingerprint that tells one way of starting from another", () => {
    expect(fingerprint(false)).toBe(fingerprint(false));
    expect(fingerprint(true)).not.toBe(fingerprint(false));
  });

  test("has pod stages of which at most one matches a pod by its annotation", () => {
    const stages = stageFiles.flatMap((file) =>
      parseAllDocuments(readFileSync(file, "utf8")).map((each) => each.toJS()),
    );
    const starting = stages.filter(
      ({ spec }) =>
        spec.resourceRef.kind === "Pod" &&
        spec.selector.matchExpressions.some(({ key }: { key: string }) => key === ".status.podIP"),
    );
    const conditions = starting.map(({ spec }) =>
      JSON.stringify(
        spec.selector.matchExpressions.filter(({ key }: { key: string }) => /fail|restartPolicy/.test(key)),
      ),
    );
    expect(new Set(conditions).size).toBe(starting.length);
    expect(starting).toHaveLength(5);
  });

  test("offers three nodes, a default storage class and an ingress class", () => {
    expect(baseObjects.map(({ kind }) => kind)).toEqual(["Node", "Node", "Node", "StorageClass", "IngressClass"]);
  });
});

describe("what is remembered", () => {
  const record = { ports: portBlock(3), auditLog: false, node: "simulated", fingerprint: "x" } as const;

  test("is read back, and nothing is made of a damaged record", () => {
    const layout = layoutOf(directory);
    mkdirSync(layout.cluster);
    writeRecord(layout, record);
    expect(readRecord(layout)).toEqual(record);
    writeFileSync(layout.record, '{"ports": {"apiServer": "abc"}}');
    expect(readRecord(layout)).toBeUndefined();
    writeFileSync(layout.record, '{"ports');
    expect(readRecord(layout)).toBeUndefined();
  });

  test("data without the record of a finished start is of no use", () => {
    const layout = layoutOf(directory);
    mkdirSync(join(layout.data, "member"), { recursive: true });
    mkdirSync(layout.pki);
    writeFileSync(join(layout.pki, "admin.key"), "");
    expect(hasData(layout)).toBe(false);
    writeRecord(layout, record);
    expect(hasData(layout)).toBe(true);
  });
});

test("an unfinished first start is reported as broken", async () => {
  mkdirSync(layoutOf(directory).cluster);
  expect(await clusterStatus({ directory })).toMatchObject({
    state: "broken",
    reason: "it was never started to the end",
  });
});

test("the reason for an end is found in the log", () => {
  expect(reasonIn("I1 started\nE1121 01:00:00 listen tcp: address already in use\nI1 bye")).toMatch(/already in use/);
  expect(reasonIn('{"level":"info"}\npanic: failed to open database\n\ngoroutine 1\n\tmain.go:1')).toBe(
    "panic: failed to open database",
  );
  expect(reasonIn("only words")).toBe("only words");
});

test.each([
  ["etcd", "panic: failed to open database", true],
  ["etcd", '{"level":"fatal","msg":"failed to recover v3 backend from snapshot"}', true],
  ["etcd", '{"level":"fatal","msg":"write: no space left on device"}', false],
  ["etcd", '{"level":"info","msg":"serving"}', false], // killed, e.g. for want of memory
  ["kube-apiserver", "panic: anything", false],
] as const)("when %s ends with %j, the data counts as lost: %s", (component, log, lost) => {
  expect(new ClusterStartError("ended", component, log).dataUnreadable).toBe(lost);
});

test("only directories that the provisioner made are ever removed", () => {
  const own = "/tmp/hostpath_pv/8ce5a8b6-82ac-47fe-9029-85e0b992d292";
  const list = {
    items: [own, "/home/me/data", "/tmp/hostpath_pv/../../home", "/tmp/hostpath_pv"].map((path) => ({
      spec: { hostPath: { path } },
    })),
  };
  expect(volumeDirectories(JSON.stringify({ items: [...list.items, { spec: {} }] }))).toEqual([own]);
});
