import type { PodLabels } from "../contracts";

/** Names of the objects, which the seed and the manifests of the application fix. */
export const apiObjects = {
  deployment: "kubekloud-api",
  service: "kubekloud-api-service",
  ingress: "kubekloud-api-ingress",
  /** For the paths of the user administration. */
  administrationIngress: "kubekloud-api-ingress-users",
  autoscaler: "kubekloud-api-hpa",
  account: "kubekloud-api-sa",
  role: "kubekloud-api-role",
  binding: "kubekloud-api-binding",
  confinement: "kubekloud-api-confinement",
  configuration: "kubekloud-api-config",
  secret: "kubekloud-api-secret",
  pullSecret: "harbor-regcred",
  schema: "kubekloud-api-schema",
} as const;

/** Label and selector of the API's pods (seed). */
export const apiPodLabels: PodLabels = { app: "kubekloud-api" };

/** Port that the code listens on; it cannot be changed. */
export const API_PORT = 8000;

/** Port of the Service (seed). */
export const SERVICE_PORT = 80;

/** Connections that one process may open: the pool of SQLAlchemy with its overflow. */
export const CONNECTIONS_PER_POD = 15;

/** How the application calls and marks the namespaces that it makes. Its code fixes both. */
export const tenantNamespaces = { suffix: "-ns", label: "managed-by", labelValue: "cmp" } as const;

/** Keys of the Secret {@link apiObjects.secret}. */
export const secretKeys = {
  user: "POSTGRES_USER",
  password: "POSTGRES_PASSWORD",
  url: "DATABASE_URL",
  /** PEM of the authority behind the server's certificate, where the client has to be told. */
  certificateAuthority: "ca.crt",
} as const;
