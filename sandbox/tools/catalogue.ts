/** Every program the sandbox runs: which version, and the places it can come from. The only file to edit for an upgrade. */

import { UserError } from "../user-error";

export type ToolName =
  | "pulumi"
  | "kwok"
  | "kwokctl"
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubectl"
  | "kubelet"
  | "kube-proxy"
  | "helm";

/** A folder of `tools/` with a go.mod that pins the sources. One `go build` makes all programs of a module. */
export type ModuleName = "pulumi" | "kwok" | "kubernetes" | "helm";

export interface Platform {
  readonly system: "linux" | "darwin";
  readonly architecture: "amd64" | "arm64";
}

/** A prebuilt program as its publisher offers it. */
export interface OfficialDownload {
  readonly url: string;
  /** Path inside the archive; absent when the download is the program itself. */
  readonly archiveMember?: string;
  /** Where the publisher states the SHA-256 of the download. */
  readonly checksumUrl: string;
  /** Finds the SHA-256 (hex) in what `checksumUrl` answers. */
  readonly findChecksum: (answer: string) => string | undefined;
}

export interface Tool {
  readonly name: ToolName;
  /** Without a leading `v`. */
  readonly version: string;
  /** Arguments that print the version and do nothing else. */
  readonly versionArguments: readonly string[];
  /** Whether a program of this version, found on PATH, will do. */
  readonly accepts: (version: string) => boolean;
  /** The versions that `accepts` accepts, in words. */
  readonly accepted: string;
  readonly module: ModuleName;
  /** Go import path of the main package. */
  readonly package: string;
  /** Undefined where the publisher has no build for the platform. */
  readonly download: (platform: Platform) => OfficialDownload | undefined;
}

const PULUMI = "3.246.0";
const KUBERNETES = "1.34.4";
const ETCD = "3.6.5";
const KWOK = "0.7.0";
/** Only what `npm run bench` compares with; the platform does not use it. */
const HELM = "3.19.5";

/** Linker flags of each module: without them the programs do not know their version. */
export const linkerFlags: Readonly<Record<ModuleName, string>> = {
  pulumi: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI}`,
  kubernetes: [
    "-s -w",
    `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES}`,
    `-X k8s.io/component-base/version.gitMajor=${KUBERNETES.split(".")[0]}`,
    `-X k8s.io/component-base/version.gitMinor=${KUBERNETES.split(".")[1]}`,
  ].join(" "),
  kwok: "-s -w",
  helm: `-s -w -X helm.sh/helm/v3/internal/version.version=v${HELM}`,
};

const exactly = (version: string) => ({
  version,
  accepted: `exactly ${version}`,
  accepts: (found: string) => found === version,
});

/** Programs of a cluster, all released together. */
const kubernetesProgram = (name: ToolName): Tool => ({
  ...exactly(KUBERNETES),
  name,
  versionArguments: ["--version"],
  module: "kubernetes",
  package: `k8s.io/kubernetes/cmd/${name}`,
  // Kubernetes publishes its servers for Linux only.
  download: (platform) => (platform.system === "linux" ? kubernetesDownload(name, platform) : undefined),
});

const simulator = (name: ToolName): Tool => ({
  ...exactly(KWOK),
  name,
  versionArguments: ["--version"],
  module: "kwok",
  package: `sigs.k8s.io/kwok/cmd/${name}`,
  download: ({ system, architecture }) => {
    const file = `${name}-${system}-${architecture}`;
    return {
      url: `https://github.com/kubernetes-sigs/kwok/releases/download/v${KWOK}/${file}`,
      // KWOK has no checksum file: GitHub itself states the digest of each uploaded file.
      checksumUrl: `https://api.github.com/repos/kubernetes-sigs/kwok/releases/tags/v${KWOK}`,
      findChecksum: (answer) => checksumInGitHubRelease(answer, file),
    };
  },
});

export const catalogue: Readonly<Record<ToolName, Tool>> = {
  pulumi: {
    ...exactly(PULUMI),
    name: "pulumi",
    versionArguments: ["version"],
    module: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    download: ({ system, architecture }) => {
      const file = `pulumi-v${PULUMI}-${system}-${architecture === "amd64" ? "x64" : "arm64"}.tar.gz`;
      return {
        url: `https://get.pulumi.com/releases/sdk/${file}`,
        archiveMember: "pulumi/pulumi",
        checksumUrl: `https://github.com/pulumi/pulumi/releases/download/v${PULUMI}/pulumi-${PULUMI}-checksums.txt`,
        findChecksum: (answer) => checksumInList(answer, file),
      };
    },
  },
  kwok: simulator("kwok"),
  kwokctl: simulator("kwokctl"),
  etcd: {
    ...exactly(ETCD),
    name: "etcd",
    versionArguments: ["--version"],
    module: "kubernetes",
    package: "go.etcd.io/etcd/server/v3",
    download: ({ system, architecture }) => {
      const base = `etcd-v${ETCD}-${system}-${architecture}`;
      const file = `${base}.${system === "linux" ? "tar.gz" : "zip"}`;
      const release = `https://github.com/etcd-io/etcd/releases/download/v${ETCD}`;
      return {
        url: `${release}/${file}`,
        archiveMember: `${base}/etcd`,
        checksumUrl: `${release}/SHA256SUMS`,
        findChecksum: (answer) => checksumInList(answer, file),
      };
    },
  },
  "kube-apiserver": kubernetesProgram("kube-apiserver"),
  "kube-controller-manager": kubernetesProgram("kube-controller-manager"),
  "kube-scheduler": kubernetesProgram("kube-scheduler"),
  kubelet: kubernetesProgram("kubelet"),
  "kube-proxy": kubernetesProgram("kube-proxy"),
  kubectl: {
    name: "kubectl",
    version: KUBERNETES,
    // The version skew that Kubernetes supports between kubectl and the API server.
    accepted: "within one minor version of 1.34",
    accepts: (found) => /^1\.(33|34|35)\./.test(found),
    versionArguments: ["version", "--client"],
    module: "kubernetes",
    package: "k8s.io/kubernetes/cmd/kubectl",
    download: (platform) => kubernetesDownload("kubectl", platform),
  },
  helm: {
    ...exactly(HELM),
    name: "helm",
    versionArguments: ["version", "--short"],
    module: "helm",
    package: "helm.sh/helm/v3/cmd/helm",
    download: ({ system, architecture }) => {
      const file = `helm-v${HELM}-${system}-${architecture}.tar.gz`;
      return {
        url: `https://get.helm.sh/${file}`,
        archiveMember: `${system}-${architecture}/helm`,
        checksumUrl: `https://get.helm.sh/${file}.sha256sum`,
        findChecksum: (answer) => checksumInList(answer, file),
      };
    },
  },
};

function kubernetesDownload(name: ToolName, { system, architecture }: Platform): OfficialDownload {
  const url = `https://dl.k8s.io/release/v${KUBERNETES}/bin/${system}/${architecture}/${name}`;
  return {
    url,
    checksumUrl: `${url}.sha256`,
    findChecksum: (answer) => answer.trim().match(/^[0-9a-f]{64}$/)?.[0],
  };
}

/** Reads the format of `sha256sum`: one `<hex>  <file>` per line. */
export function checksumInList(list: string, file: string): string | undefined {
  for (const line of list.split("\n")) {
    const [, checksum, name] = line.trim().match(/^([0-9a-f]{64})\s+\*?(\S+)$/) ?? [];
    if (name === file) return checksum;
  }
  return undefined;
}

/** Reads the digest of one file from GitHub's description of a release (JSON). Old releases have none. */
export function checksumInGitHubRelease(release: string, file: string): string | undefined {
  const { assets } = JSON.parse(release) as { assets?: { name: string; digest?: string | null }[] };
  const digest = assets?.find((asset) => asset.name === file)?.digest;
  return digest?.match(/^sha256:([0-9a-f]{64})$/)?.[1];
}

/** The name that `go build` gives a program: the last element of its path that is not a major version. */
export function builtFileName(tool: Pick<Tool, "package">): string {
  const elements = tool.package.split("/");
  const last = elements.at(-1) ?? "";
  return /^v\d+$/.test(last) ? (elements.at(-2) ?? last) : last;
}

/** @throws where the sandbox cannot run at all, e.g. on Windows without WSL */
export function currentPlatform(system: string = process.platform, architecture: string = process.arch): Platform {
  const known = { x64: "amd64", amd64: "amd64", arm64: "arm64" } as const;
  const translated = known[architecture as keyof typeof known];
  if ((system !== "linux" && system !== "darwin") || translated === undefined) {
    throw new UserError(
      `The sandbox runs on Linux and macOS, on amd64 and arm64; this machine is ${system}/${architecture}. ` +
        "On Windows use WSL 2, or give a real cluster with --kubeconfig and --context.",
    );
  }
  return { system, architecture: translated };
}
