import { imageReference } from "../../sandbox/images/reference";
import { NODE_NAME, NODE_TAINT } from "../../sandbox/node/configuration";
import { nodeImages } from "../../sandbox/node/systems";
import type { Place } from "./network-model";
import type { RealPlatform } from "./real-platform";

const LABEL = "platform.test/network-probe";
const CONTAINER = "probe";
/** Few enough for the kernel's table of neighbours, from which entries are taken only after some seconds. */
const AT_ONCE = 3;

/** Takes and ends connections on the ports that are its words. */
const LISTEN = `
import selectors, socket, sys
waiting = selectors.DefaultSelector()
for port in sys.argv[1:]:
    server = socket.create_server(("0.0.0.0", int(port)), backlog=512)
    server.setblocking(False)
    waiting.register(server, selectors.EVENT_READ)
while True:
    for key, _ in waiting.select():
        try:
            key.fileobj.accept()[0].close()
        except OSError:
            pass  # the client has gone already
`;

/**
 * Tries all targets at once and tells which of them answered; asks the DNS meanwhile. The kernel sends so few refusals
 * per second that most refused connections stay without an answer: those are not waited for any longer than one
 * repetition of a lost packet takes.
 */
const CONNECT = `
import json, selectors, socket, sys, threading, time
targets, name = json.loads(sys.argv[1]), sys.argv[2]
resolved = []
def resolve():
    try:
        socket.getaddrinfo(name, None, socket.AF_INET)
        resolved.append(name)
    except socket.gaierror:
        pass
question = threading.Thread(target=resolve)
question.start()
waiting, reached = selectors.DefaultSelector(), []
for index, (address, port) in enumerate(targets):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex((address, port))
    waiting.register(client, selectors.EVENT_WRITE, index)
deadline = time.monotonic() + 1.5
while waiting.get_map() and time.monotonic() < deadline:
    for key, _ in waiting.select(deadline - time.monotonic()):
        if key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
            reached.append(key.data)
        waiting.unregister(key.fileobj)
question.join()
print(json.dumps({"reached": sorted(reached), "resolves": bool(resolved)}))
`;

/** A started probe. */
export interface Probe extends Place {
  readonly pod: string;
  /** Of the pod. */
  readonly address: string;
}

/** What a probe found. */
export interface Findings {
  /** Positions of the targets that answered. */
  readonly reached: readonly number[];
  /** Whether the cluster's DNS knows the name. */
  readonly resolves: boolean;
}

/** Pods that listen, and connect on command, in the places of a network. */
export class NetworkProbes {
  constructor(private readonly platform: RealPlatform) {}

  /** @param ports on which each of them listens */
  async start(places: readonly Place[], ports: readonly number[]): Promise<readonly Probe[]> {
    await this.remove();
    await this.createNamespaces([...new Set(places.map(({ namespace }) => namespace))]);
    const named = places.map((place, index) => ({ ...place, pod: `network-probe-${index}` }));
    await this.create(named.map((place) => manifest(place, ports)));
    await this.platform.kubectl.read(
      ...["wait", "pods", "--all-namespaces", "--selector", LABEL, "--for=condition=ContainersReady", "--timeout=240s"],
    );
    const pods = await this.platform.objects<{
      readonly metadata: { readonly name: string };
      readonly status: { readonly podIP: string };
    }>("pods", "--all-namespaces", "--selector", LABEL);
    const addresses = new Map(pods.map(({ metadata, status }) => [metadata.name, status.podIP]));
    return named.map((place) => ({ ...place, address: addresses.get(place.pod) ?? "" }));
  }

  /** Lets several probes try their targets. @param name to ask the DNS for */
  async measure(
    tasks: readonly {
      readonly probe: Probe;
      readonly targets: readonly (readonly [address: string, port: number])[];
    }[],
    name: string,
  ): Promise<ReadonlyMap<Probe, Findings>> {
    const findings = new Map<Probe, Findings>();
    const queue = [...tasks];
    const work = async () => {
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
        const { namespace, pod } = task.probe;
        const words = ["python3", "-c", CONNECT, JSON.stringify(task.targets), name];
        findings.set(task.probe, JSON.parse(await this.platform.output(namespace, pod, words, CONTAINER)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return findings;
  }

  /** Those that are not there: that of the ingress controller, which the embedded cluster has not. */
  private async createNamespaces(names: readonly string[]): Promise<void> {
    const existing = await this.platform.objects<{ readonly metadata: { readonly name: string } }>("namespaces");
    const missing = names.filter((each) => !existing.some(({ metadata }) => metadata.name === each));
    await this.create(
      missing.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { [LABEL]: "" } } })),
    );
  }

  private async create(items: readonly unknown[]): Promise<void> {
    if (items.length === 0) return;
    const list = { apiVersion: "v1", kind: "List", items };
    const { code, output } = await this.platform.kubectl.run(["create", "-f", "-"], list);
    if (code !== 0) throw new Error(output);
  }

  /** Takes everything away, also what an interrupted run has left. */
  async remove(): Promise<void> {
    await this.platform.kubectl.read(
      ...["delete", "pods", "--all-namespaces", "--selector", LABEL, "--force", "--grace-period=0"],
    );
    await this.platform.kubectl.read("delete", "namespaces", "--selector", LABEL);
  }
}

/**
 * Has the labels of real pods, which Services and controllers select as well. It never gets ready, because nobody sets the
 * condition that it waits for: so no Service sends traffic to it. Headless Services that publish pods before they are
 * ready name it to their clients; a probe takes their connections and ends them. No controller adopts it: ReplicaSets and
 * Jobs select by labels of their own too, StatefulSets by the name.
 */
function manifest(place: Place & { readonly pod: string }, ports: readonly number[]) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: place.namespace, name: place.pod, labels: { ...place.podLabels, [LABEL]: "" } },
    spec: {
      // Also where the labels are those of a simulated system.
      nodeSelector: { "kubernetes.io/hostname": NODE_NAME },
      tolerations: [{ ...NODE_TAINT, operator: "Equal" }],
      readinessGates: [{ conditionType: "platform.test/never" }],
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      dnsConfig: {
        options: [
          { name: "timeout", value: "1" },
          { name: "attempts", value: "2" },
        ],
      },
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1234,
        seccompProfile: { type: "RuntimeDefault" },
        // Ports below 1024, for all users: one of the few settings that Pod Security "restricted" leaves free.
        sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
      },
      containers: [
        {
          name: CONTAINER,
          image: pythonImage(),
          command: ["python3", "-c", LISTEN, ...ports.map(String)],
          resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}

function pythonImage(): string {
  const python = nodeImages().find(({ name }) => name === "python");
  if (python === undefined) throw new Error("The sandbox has no image with Python: the probes need one.");
  return imageReference(python.name, python.tag);
}
