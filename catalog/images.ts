/**
 * Every image the platform can run, its version once. `images.overrides` of a stack changes an entry
 * for that stack, `images.registry` sends all of them to a mirror.
 */
export interface CatalogueImage {
  /** Registry host that the image is published on. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  /** `sha256:…`. Where it is missing the tag decides; see `docs/images.md` for the reason. */
  readonly digest?: string;
  /** Architectures that the publisher offers; a node of another one cannot run it. */
  readonly architectures: readonly ("amd64" | "arm64")[];
  /** Where the version comes from. */
  readonly source: "seed" | "upstream";
}

const multiArchitecture = ["amd64", "arm64"] as const;

export const images = {
  /** The API. Seed; holds code of March 2025. */
  "openchecker-main": {
    registry: "docker.io",
    repository: "guoqiangqi/openchecker",
    tag: "v0.19",
    architectures: ["amd64"],
    source: "seed",
  },
  /** The workers. Seed; the two workloads deliberately run different versions. */
  "openchecker-agent": {
    registry: "docker.io",
    repository: "guoqiangqi/openchecker",
    tag: "v0.21",
    architectures: ["amd64"],
    source: "seed",
  },
  rabbitmq: {
    registry: "docker.io",
    repository: "library/rabbitmq",
    tag: "3.13.7-management",
    architectures: multiArchitecture,
    source: "upstream",
  },
  "nfs-subdir-external-provisioner": {
    registry: "registry.k8s.io",
    repository: "sig-storage/nfs-subdir-external-provisioner",
    tag: "v4.0.2",
    architectures: multiArchitecture,
    source: "upstream",
  },
} as const satisfies Record<string, CatalogueImage>;

export type ImageName = keyof typeof images;

export const imageNames = Object.keys(images) as [ImageName, ...ImageName[]];
