import { existsSync, readdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { clusterDown, clusterReset, clusterStatus, clusterUp, type SandboxCluster } from "../../sandbox/cluster";
import { layoutOf } from "../../sandbox/cluster/layout";
import { findNodeProcesses, NODE_NAME } from "../../sandbox/node";
import { silentProgress } from "../../sandbox/progress";
import { eventually, listeningAddresses, recordingProgress, temporarySandbox } from "../engine/cluster-support";
import { Kubectl } from "../engine/kubectl-support";
import { containersOnNode, controlGroups, describeOnNode, processesOnNode, traces } from "./node-support";

/** Of the smallest image that has a shell. */
const IMAGE = "sandbox.invalid/platform/python:3.11";

describeOnNode("a real node", () => {
  const { directory, remove } = temporarySandbox();
  const layout = layoutOf(directory);
  const before = traces(directory);
  let cluster: SandboxCluster;
  let kubectl: Kubectl;

  beforeAll(async () => {
    cluster = await clusterUp(silentProgress, { directory, node: "real", images: "sandbox" });
    kubectl = await Kubectl.on(cluster);
  });
  afterAll(remove);

  test("runs a restricted pod with its volume, and the API server shows its log and runs programs in it", async () => {
    await kubectl.read("label", "namespace", "default", "pod-security.kubernetes.io/enforce=restricted");
    expect(await kubectl.run(["create", "-f", "-"], claim)).toMatchObject({ code: 0 });
    expect(await kubectl.run(["create", "-f", "-"], pod("writer"))).toMatchObject({ code: 0 });
    await kubectl.read("wait", "--for=condition=Ready", "pod/writer", "--timeout=120s");
    expect(await kubectl.read("get", "pod", "writer", "-o", "jsonpath={.spec.nodeName}")).toBe(NODE_NAME);
    expect(await kubectl.read("logs", "writer")).toBe("hello from 1234");
    expect(await kubectl.read("exec", "writer", "--", "cat", "/data/greeting")).toBe("hello from 1234");
  });

  test("finds names of Services and reaches the API server through one", async () => {
    const script = [
      "import socket, ssl, urllib.request",
      "print(socket.gethostbyname('kubernetes.default'))",
      "context = ssl._create_unverified_context()",
      "print(urllib.request.urlopen('https://kubernetes.default/version', context=context).status)",
    ].join("\n");
    expect(await kubectl.read("exec", "writer", "--", "python3", "-c", script)).toBe("10.96.0.1\n200");
  });

  test("lets pods reach nothing else of what listens on this machine's loopback", async () => {
    const { port } = new URL(cluster.server);
    // etcd has the next port.
    const answers = await Promise.all(
      [Number(port), Number(port) + 1].map(async (each) => {
        const script = `import socket; socket.create_connection(('10.0.2.2', ${each}), timeout=3)`;
        return (await kubectl.run(["exec", "writer", "--", "python3", "-c", script])).code;
      }),
    );
    expect(answers).toEqual([0, 1]);
  });

  test("leaves pods without an image for it on the simulated nodes", async () => {
    const simulated = { ...pod("simulated"), spec: { ...pod("simulated").spec, volumes: [] } };
    const [container] = simulated.spec.containers;
    const spec = {
      ...simulated.spec,
      containers: [{ ...container, image: "vendor.example/server:1", volumeMounts: [] }],
    };
    expect(await kubectl.run(["create", "-f", "-"], { ...simulated, spec })).toMatchObject({ code: 0 });
    await kubectl.read("wait", "--for=condition=Ready", "pod/simulated", "--timeout=60s");
    expect(await kubectl.read("get", "pod", "simulated", "-o", "jsonpath={.spec.nodeName}")).toMatch(
      /^sandbox-node-\d$/,
    );
  });

  test("lets nothing out that is meant for a simulated pod", async () => {
    const address = await kubectl.read("get", "pod", "simulated", "-o", "jsonpath={.status.podIP}");
    const script = `import socket; print(socket.socket().connect_ex(('${address}', 80)))`;
    const { EHOSTUNREACH } = constants.errno;
    expect(await kubectl.read("exec", "writer", "--", "python3", "-c", script)).toBe(String(EHOSTUNREACH));
  });

  test("opens no port of this machine but on loopback, and changes none of its interfaces", () => {
    expect(traces(directory).kernelSettings).toEqual(before.kernelSettings);
    const { network } = findNodeProcesses(layout.node);
    const addresses = listeningAddresses(network ?? Number.NaN);
    expect(addresses).toHaveLength(1);
    // 127.0.0.1, as Linux writes it in hexadecimal.
    expect(addresses[0]).toMatch(/^0100007F:/);
    expect(traces(directory).interfaces).toEqual(before.interfaces);
    expect(traces(directory).mounts).toEqual([]);
  });

  test("stays as it is when the cluster is asked for again", async () => {
    const running = findNodeProcesses(layout.node);
    expect(await clusterUp(silentProgress, { directory })).toEqual(cluster);
    expect(findNodeProcesses(layout.node)).toEqual(running);
  });

  test.each(["supervisor", "network"] as const)(
    "is repaired after its %s was killed, and keeps what pods wrote",
    async (part) => {
      process.kill(findNodeProcesses(layout.node)[part] ?? Number.NaN, "SIGKILL");
      // slirp4netns ends with the node, and gives its network back.
      if (part === "supervisor") {
        await eventually(async () => (findNodeProcesses(layout.node).network === undefined ? true : undefined));
      }
      await eventually(async () => ((await clusterStatus({ directory })).state === "broken" ? true : undefined));
      expect(await clusterStatus({ directory })).toMatchObject({ reason: "the real node does not run" });

      await clusterUp(recordingProgress(), { directory });
      await kubectl.read("delete", "pod", "writer", "--force", "--grace-period=0");
      expect(await kubectl.run(["create", "-f", "-"], pod("reader", "cat /data/greeting; sleep 600"))).toMatchObject({
        code: 0,
      });
      await kubectl.read("wait", "--for=condition=Ready", "pod/reader", "--timeout=120s");
      expect(await kubectl.read("logs", "reader")).toBe("hello from 1234");
      await kubectl.read("delete", "pod", "reader", "--force", "--grace-period=0");
      expect(await kubectl.run(["create", "-f", "-"], pod("writer"))).toMatchObject({ code: 0 });
      await kubectl.read("wait", "--for=condition=Ready", "pod/writer", "--timeout=120s");
    },
  );

  test("goes down without a trace, and comes back with the cluster", async () => {
    const inside = processesOnNode(directory);
    expect(inside.length).toBeGreaterThan(5);
    const containers = containersOnNode(directory);
    expect(controlGroups(containers).length).toBeGreaterThan(5);
    await clusterDown({ directory });
    expect(controlGroups(containers)).toEqual([]);
    expect(inside.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(traces(directory)).toEqual(before);

    expect((await clusterUp(silentProgress, { directory })).node).toBe("real");
    await kubectl.read("wait", "--for=condition=Ready", `node/${NODE_NAME}`, "--timeout=60s");
  });

  test("can be taken away, and its pods go on simulated", async () => {
    await kubectl.read("delete", "pod", "writer", "--force", "--grace-period=0");
    const containers = containersOnNode(directory);
    expect((await clusterUp(silentProgress, { directory, node: "simulated" })).node).toBe("simulated");
    expect(await kubectl.read("get", "nodes", "-o", "name")).not.toContain(NODE_NAME);
    expect(await kubectl.run(["create", "-f", "-"], pod("later"))).toMatchObject({ code: 0 });
    await kubectl.read("wait", "--for=condition=Ready", "pod/later", "--timeout=60s");
    expect(controlGroups(containers)).toEqual([]);
  });

  test("takes what its pods wrote along when the sandbox is removed", async () => {
    const volume = await kubectl.read("get", "pv", "-o", "jsonpath={.items[0].spec.hostPath.path}");
    expect(readdirSync(volume)).toEqual(["greeting"]);
    await clusterReset({ directory });
    expect(existsSync(volume)).toBe(false);
    expect(existsSync(join(directory, "cluster"))).toBe(false);
    expect(traces(directory)).toEqual(before);
  });
});

const claim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

/** A pod that fulfils everything that Pod Security asks of a "restricted" one, ready as soon as its script wrote a file. */
function pod(name: string, script = 'echo "hello from $(id -u)" | tee /data/greeting; sleep 600') {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1234,
        fsGroup: 1234,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "shell",
          image: IMAGE,
          command: ["sh", "-c", script],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          readinessProbe: { exec: { command: ["test", "-s", "/data/greeting"] }, periodSeconds: 1 },
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        },
      ],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
    },
  };
}
