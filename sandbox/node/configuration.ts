/** What the programs of the real node are told. Pure: paths and ports in, text out. */

import { join } from "node:path";
import { stringify } from "yaml";
import {
  DNS_SERVICE_ADDRESS,
  HOST_SEEN_FROM_NODE,
  NODE_ADDRESS,
  POD_RANGE,
  SERVICE_RANGE,
  SIMULATED_RANGES,
} from "../cluster/addresses";

export const NODE_NAME = "sandbox-real-node";

/** Keeps the pods of simulated systems away. */
export const NODE_TAINT = { key: "sandbox.platform/real", value: "true", effect: "NoSchedule" } as const;

/** Where Debian's package containernetworking-plugins has its programs. */
export const CNI_PROGRAMS = "/usr/lib/cni";

/** In the node's own /run. */
const CONTAINERD_SOCKET = "/run/containerd/containerd.sock";

export interface NodeFacts {
  /** The node's folder, absolute. */
  readonly directory: string;
  /** Folder with `ca.crt`, `admin.crt` and `admin.key`. */
  readonly pki: string;
  /** On 127.0.0.1 of this machine. */
  readonly apiServerPort: number;
  /** Of the kubelet, on the node and, forwarded, on 127.0.0.1 of this machine. */
  readonly kubeletPort: number;
}

export type NodeProgram = "containerd" | "kubelet" | "kube-proxy" | "kube-router";

/** Paths of the programs. */
export type NodePrograms = Readonly<Record<NodeProgram, string>>;

/** Every file that the node's programs read: path inside the node's folder → content. */
export function nodeFiles(facts: NodeFacts, programs: NodePrograms, pauseImage: string): Record<string, string> {
  const kubeconfig = join(facts.directory, "kubeconfig");
  const lines = (words: readonly string[]) => `${words.join("\n")}\n`;
  return {
    kubeconfig: kubeconfigFor(facts),
    // slirp4netns' own server, which asks those of this machine.
    "resolv.conf": "nameserver 10.0.2.3\n",
    "simulated-ranges": lines(SIMULATED_RANGES),
    "packet-filter.nft": packetFilter(facts),
    "containerd.toml": containerdConfiguration(facts, pauseImage),
    "cni/10-bridge.conflist": bridgeNetwork(),
    "kubelet.yaml": kubeletConfiguration(facts),
    "kube-proxy.yaml": kubeProxyConfiguration(kubeconfig),
    "containerd.arguments": lines([programs.containerd, "--config", join(facts.directory, "containerd.toml")]),
    "kubelet.arguments": lines([
      programs.kubelet,
      `--config=${join(facts.directory, "kubelet.yaml")}`,
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${NODE_ADDRESS}`,
      // Then the kubelet leaves addresses alone that others set: the forwarded one, see `start.ts`.
      "--cloud-provider=external",
      `--root-dir=${join(facts.directory, "kubelet")}`,
      `--cert-dir=${join(facts.directory, "kubelet-pki")}`,
    ]),
    "kube-router.arguments": lines([
      programs["kube-router"],
      // Network policies only: routes, Services and addresses of pods are done by others here.
      "--run-firewall=true",
      ...["--run-router=false", "--run-service-proxy=false", "--enable-cni=false", "--health-port=0"],
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${NODE_NAME}`,
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
    ]),
    "kube-proxy.arguments": lines([programs["kube-proxy"], `--config=${join(facts.directory, "kube-proxy.yaml")}`]),
  };
}

/** Of what listens on the machine's loopback, pods may reach the API server only: etcd, for one, asks nobody who they are. */
function packetFilter({ apiServerPort }: NodeFacts): string {
  return `table ip sandbox {
  chain forward {
    type filter hook forward priority filter - 10
    ip daddr ${HOST_SEEN_FROM_NODE} tcp dport != ${apiServerPort} drop
    ip daddr ${HOST_SEEN_FROM_NODE} meta l4proto udp drop
  }
}
`;
}

function kubeconfigFor({ pki, apiServerPort }: NodeFacts): string {
  const server = `https://${HOST_SEEN_FROM_NODE}:${apiServerPort}`;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "sandbox", cluster: { server, "certificate-authority": join(pki, "ca.crt") } }],
    users: [
      {
        name: "admin",
        user: { "client-certificate": join(pki, "admin.crt"), "client-key": join(pki, "admin.key") },
      },
    ],
    contexts: [{ name: "sandbox", context: { cluster: "sandbox", user: "admin" } }],
    "current-context": "sandbox",
  });
}

/** For containerd 1.6 and 1.7. */
function containerdConfiguration({ directory }: NodeFacts, pauseImage: string): string {
  return `version = 2
root = "${join(directory, "containerd")}"
state = "/run/containerd"
# Not needed here, and they would look for devices or write to places outside.
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing"]

[grpc]
  address = "${CONTAINERD_SOCKET}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Programs in a sandbox may not make themselves less likely to be killed than they were started.
  restrict_oom_score_adj = true
  # A profile would stay in the machine's kernel.
  disable_apparmor = true
  disable_tcp_service = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI_PROGRAMS}"
    conf_dir = "${join(directory, "cni")}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "runc"
        SystemdCgroup = false
`;
}

function bridgeNetwork(): string {
  const network = {
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [
      {
        type: "bridge",
        bridge: "pods",
        isGateway: true,
        // What leaves the node must come from its own address: slirp4netns knows no other.
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: POD_RANGE }]],
          routes: [{ dst: "0.0.0.0/0" }],
          dataDir: "/run/cni",
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
  return `${JSON.stringify(network, null, 2)}\n`;
}

function kubeletConfiguration({ directory, pki, kubeletPort }: NodeFacts): string {
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: NODE_ADDRESS,
    port: kubeletPort,
    readOnlyPort: 0,
    healthzPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: join(pki, "ca.crt") },
    },
    authorization: { mode: "AlwaysAllow" },
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    // The machine may have version 1 or 2 of control groups, or both, with or without systemd: limits of containers are
    // set in all cases, limits of classes of pods are done without.
    failCgroupV1: false,
    cgroupDriver: "cgroupfs",
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    // Resizing a running pod needs the control groups that are done without, and kubelet 1.34 ends in a panic over it. It
    // may come to think that it has to when housekeeping meets a pod that has just been started.
    featureGates: { InPlacePodVerticalScaling: false },
    failSwapOn: false,
    // It must not change settings of the whole machine; the supervisor shows it what it wants to see.
    protectKernelDefaults: true,
    clusterDomain: "cluster.local",
    clusterDNS: [DNS_SERVICE_ADDRESS],
    resolvConf: join(directory, "resolv.conf"),
    podLogsDir: "/var/log/pods",
    volumePluginDir: join(directory, "volume-plugins"),
    registerWithTaints: [NODE_TAINT],
    // The disk and the images belong to the user of the machine: how full it is, is not for a sandbox to judge.
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "0%",
      "imagefs.available": "0%",
      "nodefs.inodesFree": "0%",
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    nodeStatusReportFrequency: "1m",
  });
}

function kubeProxyConfiguration(kubeconfig: string): string {
  return stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    clusterCIDR: POD_RANGE,
    hostnameOverride: NODE_NAME,
    clientConnection: { kubeconfig },
    bindAddress: NODE_ADDRESS,
    healthzBindAddress: "127.0.0.1:10256",
    metricsBindAddress: "127.0.0.1:10249",
    // Not the sandbox's to change: they are the machine's.
    conntrack: { maxPerCore: 0, min: 0 },
  });
}
