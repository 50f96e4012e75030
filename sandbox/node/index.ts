import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiClient } from "../cluster/api-client";
import type { Layout } from "../cluster/layout";
import type { ClusterPorts } from "../cluster/ports";
import { type BuiltImage, ensureImages, type ImageBuildName, imageBuildNames, imageDefinitions } from "../images";
import { imageReference } from "../images/reference";
import type { ProgressSink } from "../progress";
import { ensureGoServer, goServers } from "../servers/go-servers";
import { ensureTools } from "../tools";
import { firstExecutable } from "../tools/path-lookup";
import { UserError } from "../user-error";
import { NODE_NAME, type NodeFacts, type NodePrograms } from "./configuration";
import { dnsObjects } from "./dns";
import { nodeEnvironment } from "./environment";
import { type ImageSource, realImagePrefixes } from "./image-source";
import { applyObjects, type NodeObject, removeObjects } from "./objects";
import { endPlacement, enforcePlacement } from "./placement";
import { findNodeProcesses } from "./processes";
import { processorObjects, stateProcessors } from "./processors";
import { inNode, nodeFingerprint, startNode, stopNode } from "./start";
import { simulatedPrograms } from "./systems";
import { waitUntil } from "./wait";

export { NODE_NAME } from "./configuration";
export { type ImageSource, imageSources, reachableSource } from "./image-source";
export { missingForNode, requireNodePrerequisites } from "./prerequisites";
export { findNodeProcesses } from "./processes";
export { inNode } from "./start";

/** What a real node needs to know of its cluster. */
export interface NodeCluster {
  readonly layout: Layout;
  readonly ports: ClusterPorts;
  readonly api: ApiClient;
}

/** What the node itself runs, and with images of the sandbox all that it can make. */
function neededImages(source: ImageSource): readonly ImageBuildName[] {
  return source === "sandbox" ? imageBuildNames : ["pause", "coredns"];
}

const DNS_MILLISECONDS = 60_000;

/**
 * Gets everything that a node runs, unless it is there: a long work at the first time, and none later.
 * @throws UserError when something cannot be had
 */
export async function nodeContents(
  source: ImageSource,
  progress: ProgressSink,
): Promise<{ readonly programs: NodePrograms; readonly images: readonly BuiltImage[] }> {
  const tools = await ensureTools(["kubelet", "kube-proxy"], progress);
  const kubeRouter = await ensureGoServer(goServers["kube-router"], progress);
  const images = await ensureImages(neededImages(source), progress);
  return { programs: { containerd: onPath("containerd"), ...tools, "kube-router": kubeRouter }, images };
}

/**
 * Gives the cluster a usable real node: the running one, a stopped or damaged one started again, or a new one.
 * Call `requireNodePrerequisites` before anything is touched.
 * @throws UserError when something cannot be had, or the node does not start
 */
export async function nodeUp(
  { layout, ports, api }: NodeCluster,
  source: ImageSource,
  progress: ProgressSink,
): Promise<void> {
  const { programs, images } = await nodeContents(source, progress);
  const facts: NodeFacts = {
    directory: layout.node,
    pki: layout.pki,
    apiServerPort: ports.apiServer,
    kubeletPort: ports.kubelet,
  };
  const pause = referenceOf("pause");
  const wanted = nodeFingerprint(facts, programs, pause);
  let began = new Date(0);
  const importMissing = () => importImages(layout.node, images, progress);
  if (isRunning(layout.node) && startedAs(layout.node) === wanted) {
    await importMissing();
  } else {
    progress.step("starting the sandbox's real node");
    // First: a start that is interrupted below must not count as one that ended well.
    rmSync(fingerprintFile(layout.node), { force: true });
    await stopNode(layout.node);
    began = new Date();
    await startNode(facts, programs, pause, api, importMissing);
    writeFileSync(fingerprintFile(layout.node), wanted);
    progress.done(`real node ${NODE_NAME} started`);
  }
  await stateProcessors(api);
  await enforcePlacement(api, realImagePrefixes(source), simulatedPrograms);
  await applyObjects(api, dnsObjects(referenceOf("coredns")));
  await untilDnsRuns(api, began);
}

/** Stops the node. Its pods' volumes, and its images, stay for the next start. */
export async function nodeDown(layout: Layout): Promise<void> {
  await stopNode(layout.node);
}

/** Takes the node out of the cluster: its pods are made again on simulated nodes. */
export async function nodeRemove({ layout, api }: NodeCluster): Promise<void> {
  await stopNode(layout.node);
  const node: NodeObject = {
    path: "/api/v1/nodes",
    object: { apiVersion: "v1", kind: "Node", metadata: { name: NODE_NAME } },
  };
  await endPlacement(api);
  await removeObjects(api, [...processorObjects(), ...dnsObjects(referenceOf("coredns")), node]);
  rmSync(layout.node, { recursive: true, force: true });
}

/** Whether all processes of the node are there. */
export function isRunning(directory: string): boolean {
  const { supervisor, network } = findNodeProcesses(directory);
  return supervisor !== undefined && network !== undefined;
}

function referenceOf(name: ImageBuildName): string {
  return imageReference(name, imageDefinitions[name].tag);
}

function onPath(program: string): string {
  const path = firstExecutable(program, nodeEnvironment());
  if (path === undefined) throw new Error(`${program} is not on PATH, although it was looked for before`);
  return path;
}

const fingerprintFile = (directory: string) => join(directory, "fingerprint");

function startedAs(directory: string): string | undefined {
  const file = fingerprintFile(directory);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Those that containerd does not have, or has in another version. */
async function importImages(directory: string, images: readonly BuiltImage[], progress: ProgressSink): Promise<void> {
  const present = await presentImages(directory);
  const missing = images.filter(({ reference, digest }) => present.get(reference) !== digest);
  for (const [index, { reference, archive }] of missing.entries()) {
    progress.step(`importing image ${index + 1} of ${missing.length}: ${reference}`);
    const { code, stderr } = await inNode(directory, [...CTR, "import", archive]);
    if (code !== 0) {
      throw new UserError(
        `The image ${reference} cannot be imported into containerd: ${stderr.trim() || `exit code ${code}`}`,
      );
    }
  }
}

const CTR = ["ctr", "--namespace", "k8s.io", "images"];

/** Reference → digest. */
async function presentImages(directory: string): Promise<ReadonlyMap<string, string>> {
  const { code, stdout, stderr } = await inNode(directory, [...CTR, "list"]);
  if (code !== 0) throw new UserError(`containerd does not list its images: ${stderr.trim() || `exit code ${code}`}`);
  // REF TYPE DIGEST SIZE …, in columns.
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return new Map(rows.map(([reference = "", , digest = ""]) => [reference, digest]));
}

interface DnsPod {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: { readonly startedAt: string } } }[];
  };
}

/**
 * Programs on the node depend on it, and some give up when a name is not found at their start.
 * @param began when the node was started: what the cluster remembers of an earlier start does not count
 */
async function untilDnsRuns(api: ApiClient, began: Date): Promise<void> {
  // The kubelet states whole seconds.
  const earliest = began.getTime() - 1_000;
  const isReady = async () => {
    const { status, body } = await api.request(
      "GET",
      "/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns",
    );
    if (status !== 200) return false;
    return (JSON.parse(body) as { items: readonly DnsPod[] }).items.some(
      (pod) =>
        pod.status?.conditions?.some((each) => each.type === "Ready" && each.status === "True") === true &&
        pod.status.containerStatuses?.some(({ state }) => Date.parse(state?.running?.startedAt ?? "") >= earliest) ===
          true,
    );
  };
  const inVain = () =>
    new UserError(
      `The cluster's DNS did not get ready in ${DNS_MILLISECONDS / 1000} s. See \`kubectl -n kube-system describe pods\`.`,
    );
  await waitUntil(isReady, DNS_MILLISECONDS, inVain);
}
