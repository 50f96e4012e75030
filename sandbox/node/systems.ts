/**
 * What of the platform runs for real on the real node, and why the rest does not: stated once, for the images that a
 * stack gets there, for the pods that stay simulated, and for the table in `docs/real-node.md`.
 */

import type { ImageName } from "../../catalog/images";
import { imageDefinitions } from "../images/definitions";

/** A program of the platform, or several that share their image and their fate. */
export interface PlatformProgram {
  readonly system: string;
  readonly program: string;
  /** Its images in the catalogue, which profiles choose from; none: your own image, which a stack names itself. */
  readonly images: readonly ImageName[];
  /** Why it stays simulated although the real node may have its image. */
  readonly simulatedBecause?: string;
  /** A server that it cannot do without: where that is simulated, it stays so as well. */
  readonly needs?: {
    readonly server: string;
    readonly image: ImageName;
    /** Value of `app.kubernetes.io/name` of the program's pods: their images do not tell that they are to be simulated. */
    readonly label: string;
  };
}

const NO_IMAGE = "its image is published on an image registry only";
const OWN_IMAGE = "you build its image";

export const platformPrograms: readonly PlatformProgram[] = [
  { system: "OpenChecker", program: "API", images: ["openchecker-main"] },
  { system: "OpenChecker", program: "workers", images: ["openchecker-agent"] },
  { system: "RabbitMQ", program: "broker", images: ["rabbitmq"] },
  { system: "Harbor", program: "core", images: ["harbor-core"] },
  { system: "Harbor", program: "portal", images: ["harbor-portal"] },
  { system: "Harbor", program: "job service", images: ["harbor-jobservice"] },
  { system: "Harbor", program: "exporter", images: ["harbor-exporter"] },
  { system: "Harbor", program: "Trivy", images: ["harbor-trivy"] },
  { system: "Harbor", program: "registry controller", images: ["harbor-registryctl"] },
  {
    system: "Harbor",
    program: "registry",
    images: ["harbor-registry"],
    simulatedBecause: "its pod holds the registry controller as well",
  },
  {
    system: "Harbor",
    program: "nginx",
    images: ["harbor-nginx"],
    simulatedBecause: "it is ready only while the portal behind it answers",
  },
  { system: "Harbor", program: "database", images: ["harbor-database"] },
  { system: "Harbor", program: "Redis", images: ["harbor-redis"] },
  {
    system: "Harbor",
    program: "bootstrap Job",
    images: ["python"],
    needs: { server: "Harbor's core", image: "harbor-core", label: "harbor-bootstrap" },
  },
  { system: "KubeKloud", program: "API, with its schema Job", images: [] },
  { system: "KubeKloud", program: "database, with its access Job", images: ["postgres"] },
  { system: "KubeKloud", program: "database's metrics exporter", images: ["postgres-exporter"] },
  { system: "KubeKloud", program: "tenant guard", images: ["python"] },
  { system: "SonarQube", program: "server", images: ["sonarqube"] },
  { system: "SonarQube", program: "database, with its access Job", images: ["postgres"] },
  {
    system: "SonarQube",
    program: "bootstrap Job",
    images: ["python"],
    needs: { server: "SonarQube", image: "sonarqube", label: "sonarqube-bootstrap" },
  },
  { system: "K-PaaS", program: "portal suite", images: [] },
  { system: "Pipeline", program: "suite", images: [] },
  { system: "Pipeline", program: "Jenkins", images: ["jenkins"] },
  { system: "Source Control", program: "suite, with SCM-Manager", images: [] },
  { system: "MariaDB", program: "server, with its access Jobs", images: ["mariadb", "mariadb-10.11"] },
  { system: "Keycloak", program: "server", images: ["keycloak"] },
  {
    system: "Keycloak",
    program: "realm Job",
    images: ["python"],
    needs: { server: "Keycloak", image: "keycloak", label: "keycloak-realm" },
  },
  { system: "Vault", program: "server", images: ["vault", "vault-1.11"] },
  {
    system: "Vault",
    program: "bootstrap Job, and unsealing beside the server",
    images: ["python"],
    needs: { server: "Vault", image: "vault", label: "vault-bootstrap" },
  },
  { system: "ChartMuseum", program: "server", images: ["chartmuseum"] },
  { system: "OpenHands", program: "application", images: ["openhands"] },
  { system: "OpenHands", program: "sandboxes", images: ["openhands-runtime"] },
  {
    system: "OpenHands",
    program: "login (oauth2-proxy)",
    images: ["oauth2-proxy"],
    simulatedBecause: "at its start it reads Keycloak's configuration through an Ingress, where nothing listens",
  },
  { system: "OpenHands", program: "Job for the sandboxes' account", images: ["python"] },
  { system: "NFS storage", program: "provisioner", images: ["nfs-subdir-external-provisioner"] },
];

/** An image of the catalogue that the sandbox can make. */
export interface NodeImage {
  readonly name: ImageName;
  /** What is in it, for people: "PostgreSQL 15 (Debian)". */
  readonly title: string;
  readonly tag: string;
}

type Definitions = Readonly<Record<string, Omit<NodeImage, "name">>>;

/**
 * The catalogue's images that a stack gets from the sandbox when there is a real node, each once. An image that only
 * programs use that stay simulated is left as it is.
 * @param definitions the images that the sandbox can make, by name
 */
export function nodeImages(definitions: Definitions = imageDefinitions): NodeImage[] {
  const used = platformPrograms.filter((program) => program.simulatedBecause === undefined);
  return [...new Set(used.flatMap(({ images }) => images))].sort().flatMap((name) => {
    const made = definitions[name];
    return made === undefined ? [] : [{ name, title: made.title, tag: made.tag }];
  });
}

/**
 * Why a program stays simulated on the real node; undefined when it runs for real.
 * @param made the images that the sandbox can make
 */
export function simulatedReason(program: PlatformProgram, made: readonly NodeImage[]): string | undefined {
  const { images, needs, simulatedBecause } = program;
  const has = (name: ImageName) => made.some((each) => each.name === name);
  if (simulatedBecause !== undefined) return simulatedBecause;
  if (images.length === 0) return OWN_IMAGE;
  if (!images.some(has)) return NO_IMAGE;
  return needs === undefined || has(needs.image) ? undefined : `it asks ${needs.server}, which is simulated`;
}

/** Values of `app.kubernetes.io/name` of pods that stay simulated although their images are there. */
export const simulatedPrograms: readonly string[] = labelsOfSimulated(nodeImages());

/** @param made the images that the sandbox can make */
export function labelsOfSimulated(made: readonly NodeImage[]): string[] {
  return platformPrograms.flatMap((program) =>
    program.needs === undefined || simulatedReason(program, made) === undefined ? [] : program.needs.label,
  );
}
