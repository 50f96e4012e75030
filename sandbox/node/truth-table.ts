import { type CatalogueImage, type ImageName, images } from "../../catalog/images";
import { imageReference } from "../images/reference";
import { type NodeImage, nodeImages, type PlatformProgram, platformPrograms, simulatedReason } from "./systems";

/** A part of the cluster itself, in the words of a reader: on simulated nodes, on the real node, on a cluster of the user. */
type ClusterRow = readonly [part: string, simulated: string, real: string, yours: string];

const clusterRows: readonly ClusterRow[] = [
  ["Containers", "none is started", "real: containerd and runc", "yours"],
  [
    "Probes, logs, `kubectl exec`",
    "a pod gets ready at once; no logs, no exec",
    "real: kubelet, of the cluster's version",
    "yours",
  ],
  ["Names of Services (DNS)", "none", "real: CoreDNS, in `kube-system`, for pods on this node", "yours"],
  [
    "Addresses of Services",
    "given out; nothing is forwarded",
    "real: kube-proxy, mode nftables, for pods on this node; behind a simulated pod nothing answers",
    "yours",
  ],
  [
    "Network policies",
    "accepted, not enforced",
    "real: kube-router, for pods on this node, see [below](#network-policies)",
    "your network plugin must enforce them",
  ],
  [
    "Volumes of the class `standard`",
    "bound; nothing is ever written",
    "real: directories of this machine; their size is not enforced",
    "your storage class",
  ],
  [
    "NFS volumes (ReadWriteMany)",
    "bound; no server is asked",
    "simulated: only simulated pods use them",
    "your NFS server",
  ],
  [
    "Load balancers and Ingresses",
    "get the address 127.0.0.1; no traffic flows",
    "the same: simulated",
    "your load balancer and Ingress controller",
  ],
  ["Autoscaling", "accepted; there are no metrics", "the same: simulated", "your metrics server"],
];

/** What of the platform is real where, as Markdown: a table of its programs, and one of the cluster they run on. */
export function truthTable(made: readonly NodeImage[] = nodeImages()): string {
  const programs = platformPrograms.map((program) => [
    program.system,
    program.program,
    "simulated",
    onRealNode(program, made),
    inYourCluster(program),
  ]);
  return [
    markdownTable(["System", "Program", "On simulated nodes", "On the real node", "In your cluster"], programs),
    "",
    markdownTable(["The cluster itself", "On simulated nodes", "On the real node", "In your cluster"], clusterRows),
    "",
  ].join("\n");
}

function onRealNode(program: PlatformProgram, made: readonly NodeImage[]): string {
  const reason = simulatedReason(program, made);
  if (reason !== undefined) return `simulated: ${reason}`;
  const own = made.filter(({ name }) => program.images.includes(name));
  const titles = [...new Set(own.map(({ title }) => title))].join(" or ");
  return `**real**: ${titles}, ${own.map(({ name, tag }) => `\`${imageReference(name, tag)}\``).join(" or ")}`;
}

function inYourCluster({ images: names }: PlatformProgram): string {
  return names.length === 0 ? "your own image" : names.map((name) => `\`${vendorReference(name)}\``).join(" or ");
}

function vendorReference(name: ImageName): string {
  const { registry, repository, tag }: CatalogueImage = images[name];
  return `${registry}/${repository}:${tag}`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
