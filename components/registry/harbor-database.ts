import * as pulumi from "@pulumi/pulumi";
import type { PostgresEndpoint } from "../contracts";
import type { Resources } from "../kubernetes/pod";
import { execProbe } from "../kubernetes/probes";
import { DATA_USER, harborPorts, partName, partSelector } from "./harbor-parts";
import {
  containerPort,
  environment,
  type HarborScope,
  partChecksum,
  partObjectName,
  partSecret,
  partService,
  secretEnvironment,
} from "./harbor-scope";
import { databasePassword } from "./harbor-secrets";
import { type DataLifecycle, inRhythm, lateLiveness, type PartClaim, partStatefulSet } from "./harbor-workload";

/** Connections that the server allows, the default of Harbor's image. */
export const DATABASE_CONNECTIONS = 1024;

const USERNAME = "postgres";
/** Made by the image itself. */
const DATABASE = "registry";
const PASSWORD_KEY = "POSTGRES_PASSWORD";
const CLAIM = "database-data";
const MOUNT = "/var/lib/postgresql/data";
/** The server keeps its files one level deeper, in a directory for each major version. */
const DATA_DIRECTORY = `${MOUNT}/pgdata`;

export interface HarborDatabaseArgs {
  readonly resources: Resources;
  /** Block storage: on NFS with root squash the server cannot take over its files. */
  readonly storage: Omit<PartClaim, "name">;
  readonly lifecycle: DataLifecycle;
}

/** Harbor's own PostgreSQL, for Harbor only: its image upgrades the data when Harbor moves to another major version. */
export function harborDatabase(
  scope: HarborScope,
  args: HarborDatabaseArgs,
): { readonly endpoint: PostgresEndpoint; readonly ready: pulumi.Resource } {
  const { lifecycle } = args;
  const { protectData: protect, retainData: retainOnDelete } = lifecycle;
  const password = databasePassword(scope.name, scope.parent, protect);
  const secret = partSecret(scope, "database", { [PASSWORD_KEY]: password }, { options: { protect, retainOnDelete } });
  const service = partService(scope, "database", [{ port: harborPorts.database }]);
  const healthy = execProbe(["/docker-healthcheck.sh"]);
  const image = scope.images.database;
  const storage = { name: CLAIM, mountPath: MOUNT };
  const ready = partStatefulSet(scope, "database", {
    replicas: 1,
    user: DATA_USER,
    initContainers: [
      {
        name: "data-permissions-ensurer",
        image,
        // The volume's group may read the directory, which PostgreSQL refuses. On an empty volume there is nothing to do.
        command: ["/bin/sh", "-c", `chmod -R 700 ${DATA_DIRECTORY} || true`],
        resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { cpu: "200m", memory: "64Mi" } },
        volumeMounts: [storage],
      },
    ],
    containers: [
      {
        name: "database",
        image,
        ports: [containerPort("postgres", harborPorts.database)],
        env: [
          ...environment({ PGDATA: DATA_DIRECTORY, POSTGRES_MAX_CONNECTIONS: String(DATABASE_CONNECTIONS) }),
          ...secretEnvironment(partObjectName("database"), [PASSWORD_KEY]),
        ],
        resources: args.resources,
        livenessProbe: lateLiveness(healthy),
        readinessProbe: inRhythm(healthy, { initialDelay: 1 }),
        volumeMounts: [storage, { name: "shared-memory", mountPath: "/dev/shm" }],
        writableRoot: true,
      },
    ],
    volumes: [{ name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "512Mi" } }],
    annotations: partChecksum(scope, { password }),
    exceptions: {
      "no-read-only-root-fs":
        "The server's socket lies in the image, and so do the files that an upgrade to another major version writes.",
    },
    terminationGraceSeconds: 120,
    claim: { ...args.storage, name: CLAIM },
    lifecycle,
    dependsOn: [secret, service],
  });
  const host = partName("database");
  return {
    ready,
    endpoint: {
      system: "Harbor database",
      ports: [harborPorts.database],
      peer: { namespace: scope.namespace.plainName, podLabels: partSelector("database") },
      host,
      port: harborPorts.database,
      username: USERNAME,
      database: DATABASE,
      password: pulumi.secret(password),
      sslmode: "disable",
      url: pulumi.secret(
        pulumi.interpolate`postgresql://${USERNAME}:${password}@${host}:${harborPorts.database}/${DATABASE}`,
      ),
      ready: [ready],
    },
  };
}
