import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { PodLabels } from "../contracts";
import { spreadOverNodes } from "../kubernetes/affinity";
import { type Resources, type RestrictedContainer, restrictedPod } from "../kubernetes/pod";
import { execProbe, startsWithin } from "../kubernetes/probes";
import type { UserAccount } from "../kubernetes/user-account";
import { APPLICATION_DIRECTORY, APPLICATION_USER, type ImageGeneration, imageNodes } from "./image-generation";
import {
  configurationMounts,
  configurationPlaceholder,
  configurationVolumes,
  type TokenReference,
  tokenFiller,
} from "./pod-configuration";

/** HOME of the tools: caches of Maven, Gradle, npm and ORT grow here. */
const HOME = "/home/agent";
/** The image does not know the number, and the builds that run here look their user up: by git, ssh, Java and Node. */
export const agentUser: UserAccount = { uid: APPLICATION_USER, name: "agent", home: HOME };
const APPLICATION_VOLUME = "application";
/** The worker's program, relative to the working directory (seed). */
const AGENT = "openchecker/agent.py";

export interface AgentPodFacts {
  readonly image: ResolvedImage;
  readonly generation: ImageGeneration;
  readonly resources: Resources;
  /** Labels of the nodes, besides those that every pod of the image needs. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly types.input.core.v1.Toleration[];
  /**
   * Seconds that a running scan may take after the pod was told to stop; then the broker delivers it to another worker.
   * More than {@link IDLE_SECONDS}, which an idle worker takes as well.
   */
  readonly terminationGraceSeconds: number;
  readonly podLabels: PodLabels;
  readonly brokerPort: number;
  readonly serviceAccountName: pulumi.Input<string>;
  /** ConfigMap with the files that make {@link agentUser} known. */
  readonly accountName: pulumi.Input<string>;
  readonly claimName: pulumi.Input<string>;
  readonly secretName: pulumi.Input<string>;
  /** Token that the configuration has a placeholder for. @default none, the configuration is complete */
  readonly sonarToken?: TokenReference | undefined;
}

/** A worker's pod. It runs builds of unknown code, so it gets no token, no privilege and limits on all it can use up. */
export function agentPod(facts: AgentPodFacts): types.input.core.v1.PodSpec {
  const { image, generation } = facts;
  const clonesIntoApplication = generation === "classic";
  // One scan must not fill the node: each directory may use what the container as a whole may use.
  const scratch = facts.resources.limits["ephemeral-storage"];
  const scratchLimit = scratch === undefined ? {} : { sizeLimit: scratch };
  const connected = execProbe(["python", "-c", BROKER_CONNECTION_PROBE, String(facts.brokerPort)], {
    periodSeconds: 60,
    timeoutSeconds: 30,
  });
  return restrictedPod({
    identity: { uid: agentUser.uid, accountName: facts.accountName },
    serviceAccountName: facts.serviceAccountName,
    initContainers: [
      configurationPlaceholder(image),
      ...(facts.sonarToken === undefined ? [] : [tokenFiller(image)]),
      ...(clonesIntoApplication ? [applicationCopy(image)] : []),
    ],
    containers: [
      {
        name: "openchecker-agent",
        image,
        // In `args`, not in `command`: without the image's entrypoint RVM is not loaded and github-linguist is missing.
        args: ["python", "-u", AGENT],
        env: [
          { name: "HOME", value: HOME },
          // For virtual machines that do not ask the list of users.
          { name: "JAVA_TOOL_OPTIONS", value: `-Duser.home=${HOME}` },
        ],
        resources: facts.resources,
        startupProbe: startsWithin(600, connected),
        readinessProbe: connected,
        lifecycle: {
          preStop: {
            exec: {
              command: ["python", "-c", STOP_WHEN_IDLE, AGENT, String(facts.brokerPort), String(IDLE_SECONDS)],
            },
          },
        },
        volumeMounts: [
          ...(clonesIntoApplication ? [{ name: APPLICATION_VOLUME, mountPath: APPLICATION_DIRECTORY }] : []),
          ...configurationMounts,
        ],
        writable: ["/tmp", HOME, ...(clonesIntoApplication ? [] : [`${APPLICATION_DIRECTORY}/logs`])].map((path) => ({
          path,
          ...scratchLimit,
        })),
      },
    ],
    volumes: [
      ...configurationVolumes(facts.claimName, facts.secretName, facts.sonarToken),
      ...(clonesIntoApplication ? [{ name: APPLICATION_VOLUME, emptyDir: { ...scratchLimit } }] : []),
    ],
    placement: {
      nodeSelector: { ...imageNodes, ...facts.nodeSelector },
      ...(facts.tolerations.length > 0 && { tolerations: [...facts.tolerations] }),
      affinity: spreadOverNodes(facts.podLabels),
      terminationGracePeriodSeconds: facts.terminationGraceSeconds,
    },
  });
}

/** The classic code clones into its own directory, which belongs to root in the image: it runs from a copy it may write. */
function applicationCopy(image: ResolvedImage): RestrictedContainer {
  return {
    name: "application-copy",
    image,
    command: copyCommand(APPLICATION_DIRECTORY, "/copy"),
    volumeMounts: [{ name: APPLICATION_VOLUME, mountPath: "/copy" }],
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "1", memory: "256Mi" } },
  };
}

/**
 * Copies what is in a directory. Nothing is preserved but the right to execute: the target belongs to root, and a user
 * who is not root may not set the times of a directory of somebody else.
 */
export function copyCommand(from: string, to: string): string[] {
  return ["cp", "-R", `${from}/.`, `${to}/`];
}

/**
 * Succeeds when this pod holds an open connection to the broker's port, given as the argument. It reads the kernel's
 * table instead of opening a connection of its own, so that it costs the broker nothing and a long scan is no failure.
 */
export const BROKER_CONNECTION_PROBE = `
import sys
port = ":%04X" % int(sys.argv[1])
for table in ("/proc/net/tcp", "/proc/net/tcp6"):
    try:
        lines = open(table).readlines()[1:]
    except FileNotFoundError:
        continue
    for line in lines:
        remote, state = line.split()[2:4]
        if remote.endswith(port) and state == "01":
            sys.exit(0)
sys.exit("no open connection to the broker")
`.trim();

/**
 * Seconds that a worker must seem idle before it is stopped: longer than the longest sleep in OpenChecker's code, which
 * waits 60 seconds for SonarQube's report and before a new connection to the broker.
 */
export const IDLE_SECONDS = 90;

/**
 * Runs before a worker's pod is stopped. Python as process 1 ignores the signal that Kubernetes sends, so a replaced
 * worker would go on taking tasks until it is killed. This waits until the worker (first argument: its program) has been
 * idle for some seconds (third argument) without a break, and interrupts it then. Idle is who has no running child, no
 * connection besides the one to the broker (second argument: its port), not even one that is being opened, and hardly
 * uses the processor: keeping the connection to the broker takes 3 ms in 90 seconds, a scan much more than 20. A worker
 * that always has a next task is not idle, and is killed at the end of its grace period.
 */
export const STOP_WHEN_IDLE = `
import glob, os, signal, sys, time
program, broker, idle_seconds = sys.argv[1], ":%04X" % int(sys.argv[2]), float(sys.argv[3])
pause = min(2, idle_seconds / 10)
def read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace")
    except OSError:
        return ""
def status(path):
    return read(path).rpartition(")")[2].split() # the name in front may hold anything
def workers():
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        pid, words = int(path.split("/")[2]), read(path).split("\\0")
        if pid != os.getpid() and program in words and "python" in os.path.basename(words[0]):
            yield pid
def has_child(pid):
    states = map(status, glob.glob("/proc/[0-9]*/stat"))
    return any(state[1:2] == [str(pid)] and state[0] != "Z" for state in states)
def connects_elsewhere(pid):
    sockets = set()
    for link in glob.glob("/proc/%d/fd/*" % pid):
        try:
            sockets.add(os.readlink(link))
        except OSError:
            continue
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in read(table).splitlines()[1:]:
            fields = line.split()
            if fields[3] in ("01", "02") and not fields[2].endswith(broker) and "socket:[%s]" % fields[9] in sockets:
                return True
    return False
def processor_seconds(pid):
    # Of all threads, and of the children that have ended: they may have come and gone within a pause.
    return sum(map(int, status("/proc/%d/stat" % pid)[11:15])) / os.sysconf("SC_CLK_TCK")
idle_since, used_before = time.monotonic(), 0
while True:
    running = list(workers())
    now, used = time.monotonic(), sum(map(processor_seconds, running))
    if abs(used - used_before) > 0.02 or any(has_child(pid) or connects_elsewhere(pid) for pid in running):
        idle_since, used_before = now, used
    if not running or now - idle_since >= idle_seconds:
        break
    time.sleep(pause)
for pid in running:
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        continue
# At once: where the worker is process 1, its end kills this script, which would then count as failed.
os._exit(0)
`.trim();
