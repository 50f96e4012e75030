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
  /** When nodes ask the registry for the image, unless the stack says it for all images. @default IfNotPresent */
  readonly pullPolicy?: "Always";
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

/** The application and the sandboxes that it starts speak a protocol that changes with every version. */
const OPENHANDS_VERSION = "0.62";

export const images = {
  /** The API. Seed; holds code of March 2025. */
  "openchecker-main": {
    registry: "docker.io",
    repository: "guoqiangqi/openchecker",
    tag: "v0.19",
    architectures: ["amd64"],
    source: "seed",
    pullPolicy: "Always",
  },
  /** The workers. Seed; the two workloads deliberately run different versions. */
  "openchecker-agent": {
    registry: "docker.io",
    repository: "guoqiangqi/openchecker",
    tag: "v0.21",
    architectures: ["amd64"],
    source: "seed",
    pullPolicy: "Always",
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
  /** The line of K-PaaS v1.6.0, which has long-term support. */
  mariadb: {
    registry: "docker.io",
    repository: "library/mariadb",
    tag: "11.4.13",
    architectures: multiArchitecture,
    source: "upstream",
  },
  /** For K-PaaS v1.4.1. Upstream's own line, 10.5, gets no security fixes any more; this is its successor with long-term support. */
  "mariadb-10.11": {
    registry: "docker.io",
    repository: "library/mariadb",
    tag: "10.11.19",
    architectures: multiArchitecture,
    source: "upstream",
  },
  /** The version that OpenChecker is used with. */
  sonarqube: {
    registry: "docker.io",
    repository: "library/sonarqube",
    tag: "10.7.0-community",
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
  /** The version of K-PaaS v1.6.0. */
  chartmuseum: {
    registry: "ghcr.io",
    repository: "helm/chartmuseum",
    tag: "v0.16.2",
    architectures: multiArchitecture,
    source: "upstream",
  },
  /** Last line of versions with a runtime for Kubernetes. */
  openhands: {
    registry: "docker.openhands.dev",
    repository: "openhands/openhands",
    tag: OPENHANDS_VERSION,
    architectures: multiArchitecture,
    source: "upstream",
  },
  "openhands-runtime": {
    registry: "docker.openhands.dev",
    repository: "openhands/runtime",
    tag: `${OPENHANDS_VERSION}-nikolaik`,
    architectures: multiArchitecture,
    source: "upstream",
  },
  /** From 7.13 on it drops headers by which clients could pass themselves off as somebody else. */
  "oauth2-proxy": {
    registry: "quay.io",
    repository: "oauth2-proxy/oauth2-proxy",
    tag: "v7.13.0",
    architectures: multiArchitecture,
    source: "upstream",
  },
  /** The version of K-PaaS v1.6.0. The one of v1.4.1 was built on `jboss/keycloak`, which is no longer published. */
  keycloak: {
    registry: "quay.io",
    repository: "keycloak/keycloak",
    tag: "25.0.4",
    architectures: multiArchitecture,
    source: "upstream",
  },
  /** The line of K-PaaS v1.6.0, the last one under the Mozilla Public License. */
  vault: {
    registry: "docker.io",
    repository: "hashicorp/vault",
    tag: "1.14.10",
    architectures: multiArchitecture,
    source: "upstream",
  },
  /** The line of K-PaaS v1.4.1. */
  "vault-1.11": {
    registry: "docker.io",
    repository: "hashicorp/vault",
    tag: "1.11.12",
    architectures: multiArchitecture,
    source: "upstream",
  },
  /** The CI-Server of the Pipeline suite. Upstream's own image, with its plugins, is not published; see `docs/pipeline.md`. */
  jenkins: {
    registry: "docker.io",
    repository: "jenkins/jenkins",
    tag: "2.516.3-lts-jdk17",
    architectures: multiArchitecture,
    source: "upstream",
  },
} as const satisfies Record<string, CatalogueImage>;

export type ImageName = keyof typeof images;

export const imageNames = Object.keys(images) as [ImageName, ...ImageName[]];
