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

/** One version for all parts of Harbor: they are released, and migrate their database, as one set. */
const HARBOR_VERSION = "v2.15.2";

const harborImage = <Repository extends string>(repository: Repository) =>
  ({
    registry: "docker.io",
    repository: `goharbor/${repository}`,
    tag: HARBOR_VERSION,
    architectures: ["amd64"],
    source: "upstream",
  }) as const satisfies CatalogueImage;

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
  /** The seed says `postgres:16-alpine`; the minor version is pinned, since it decides the files in the volume. */
  postgres: {
    registry: "docker.io",
    repository: "library/postgres",
    tag: "16.10-alpine",
    architectures: multiArchitecture,
    source: "seed",
  },
  "postgres-exporter": {
    registry: "quay.io",
    repository: "prometheuscommunity/postgres-exporter",
    tag: "v0.17.1",
    architectures: multiArchitecture,
    source: "upstream",
  },
  /** Runs the platform's own scripts, which use the standard library only. */
  python: {
    registry: "docker.io",
    repository: "library/python",
    tag: "3.12.12-alpine",
    architectures: multiArchitecture,
    source: "upstream",
  },
  "harbor-core": harborImage("harbor-core"),
  "harbor-database": harborImage("harbor-db"),
  "harbor-exporter": harborImage("harbor-exporter"),
  "harbor-jobservice": harborImage("harbor-jobservice"),
  "harbor-nginx": harborImage("nginx-photon"),
  "harbor-portal": harborImage("harbor-portal"),
  /** Valkey. Up to v2.15.1 the repository is `goharbor/redis-photon`. */
  "harbor-redis": harborImage("valkey-photon"),
  "harbor-registry": harborImage("registry-photon"),
  "harbor-registryctl": harborImage("harbor-registryctl"),
  "harbor-trivy": harborImage("trivy-adapter-photon"),
} as const satisfies Record<string, CatalogueImage>;

export type ImageName = keyof typeof images;

export const imageNames = Object.keys(images) as [ImageName, ...ImageName[]];
