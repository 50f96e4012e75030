import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
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
import { applyObjects, type NodeObject, removeObjects } from "./objects";
import { enforcePlacement, placementObjects } from "./placement";
import { requireNodePrerequisites } from "./prerequisites";
import { findNodeProcesses } from "./processes";
import { processorObjects, stateProcessors } from "./processors";
import { inNode, nodeFingerprint, startNode, stopNode } from "./start";
import { nodeImages, simulatedPrograms } from "./systems";

export { NODE_NAME } from "./configuration";
export { missingForNode, requireNodePrerequisites } from "./prerequisites";
export { findNodeProcesses } from "./processes";
export { inNode } from "./start";

/** What a real node needs to know of its cluster. */
export interface NodeCluster {
  readonly layout: Layout;
  readonly ports: ClusterPorts;
  readonly api: ApiClient;
}

/** What the node itself runs, and what a stack gets. */
const neededImages = imageBuildNames.filter(
  (name) => name === "pause" || name === "coredns" || nodeImages().some((each) => each.name === name),
);

const DNS_MILLISECONDS = 60_000;

/**
 * Gives the cluster a usable real node: the running one, a stopped or damaged one started again, or a new one.
 * @throws UserError when the machine lacks something, or the node does not start
 */
export async function nodeUp({ layout, ports, api }: NodeCluster, progress: ProgressSink): Promise<void> {
  requireNodePrerequisites();
  const tools = await ensureTools(["kubelet", "kube-proxy"], progress);
  const kubeRouter = await ensureGoServer(goServers["kube-router"], progress);
  const images = await ensureImages(neededImages, progress);
  const programs: NodePrograms = { containerd: onPath("containerd"), ...tools, "kube-router": kubeRouter };
  const facts: NodeFacts = {
    directory: layout.node,
    pki: layout.pki,
    apiServerPort: ports.apiServer,
    kubeletPort: ports.kubelet,
  };
  const pause = referenceOf("pause");
  const wanted = nodeFingerprint(facts, programs, pause);
  const importMissing = () => importImages(layout.node, images, progress);
  if (isRunning(layout.node) && startedAs(layout.node) === wanted) {
    await importMissing();
  } else {
    progress.step("starting the sandbox's real node");
    await stopNode(layout.node);
    await startNode(facts, programs, pause, api, importMissing);
    writeFileSync(fingerprintFile(layout.node), wanted);
    progress.done(`real node ${NODE_NAME} started`);
  }
  await stateProcessors(api);
  await enforcePlacement(api, simulatedPrograms);
  await applyObjects(api, dnsObjects(referenceOf("coredns")));
  await untilDnsAnswers(api);
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
  await removeObjects(api, [
    ...processorObjects(),
    ...placementObjects([]),
    ...dnsObjects(referenceOf("coredns")),
    node,
  ]);
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

/** Each only once: the digest tells whether the node has this very image. */
async function importImages(directory: string, images: readonly BuiltImage[], progress: ProgressSink): Promise<void> {
  const file = join(directory, "imported-images");
  const imported = new Set(existsSync(file) ? readFileSync(file, "utf8").split("\n") : []);
  const missing = images.filter(({ digest }) => !imported.has(digest));
  for (const [index, { reference, archive, digest }] of missing.entries()) {
    progress.step(`importing image ${index + 1} of ${missing.length}: ${reference}`);
    const { code, stderr } = await inNode(directory, ["ctr", "-n", "k8s.io", "images", "import", archive]);
    if (code !== 0) throw new UserError(`The image ${reference} cannot be imported into containerd: ${stderr.trim()}`);
    writeFileSync(file, `${digest}\n`, { flag: "a" });
  }
}

/** Programs on the node depend on it, and some give up when a name is not found at their start. */
async function untilDnsAnswers(api: ApiClient): Promise<void> {
  const deadline = performance.now() + DNS_MILLISECONDS;
  const isReady = async () => {
    const { status, body } = await api.request("GET", "/apis/apps/v1/namespaces/kube-system/deployments/coredns");
    return (
      status === 200 && ((JSON.parse(body) as { status?: { readyReplicas?: number } }).status?.readyReplicas ?? 0) > 0
    );
  };
  while (!(await isReady())) {
    if (performance.now() > deadline) {
      throw new UserError(
        `The cluster's DNS did not get ready in ${DNS_MILLISECONDS / 1000} s. See \`kubectl -n kube-system describe pods\`.`,
      );
    }
    await delay(200);
  }
}
