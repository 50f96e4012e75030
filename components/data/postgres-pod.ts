import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import { type Resources, type RestrictedContainer, restrictedPod } from "../kubernetes/pod";
import { execProbe, startsWithin, tcpProbe } from "../kubernetes/probes";
import { EXPORTER_ROLE } from "./postgres-access";
import {
  CERTIFICATE_DIRECTORY,
  initialArguments,
  LOGIN_DIRECTORY,
  POSTGRES_PORT,
  serverArguments,
  sharedMemorySize,
} from "./postgres-configuration";
import { loginFiles } from "./postgres-logins";
import { fromSecret } from "./secret-variable";

/** The user `postgres` of the alpine images. */
export const UID = 70;

/** Port of the metrics exporter. */
export const EXPORTER_PORT = 9187;

/** Keys of the Secret with the server's own passwords. */
export const serverSecretKeys = { administrator: "POSTGRES_PASSWORD", exporter: "EXPORTER_PASSWORD" } as const;

const DATA_DIRECTORY = "/var/lib/postgresql/data";
/** Name of the volume (upstream). */
const DATA_VOLUME = "postgres-storage";
const CERTIFICATE_VOLUME = "certificate";
const LOGIN_VOLUME = "logins";
const SHARED_MEMORY_VOLUME = "shared-memory";

export interface ServerPodFacts {
  readonly image: ResolvedImage;
  readonly resources: Resources & { readonly limits: { readonly memory: string } };
  readonly maxConnections: number;
  /** Role that the probes name; it need not exist yet. */
  readonly probeUser: string;
  /**
   * What client programs in the container take when nobody names a role or a database. They need not exist yet.
   * @default the administrator, and the database of that name
   */
  readonly usual?: { readonly username: string; readonly database: string } | undefined;
  /** ConfigMap with {@link loginFiles}. */
  readonly loginsName: pulumi.Input<string>;
  readonly exporterImage?: ResolvedImage | undefined;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly claimName: pulumi.Input<string>;
  /** Secret with {@link serverSecretKeys}. */
  readonly secretName: pulumi.Input<string>;
  /** Secret with `tls.crt` and `tls.key`; absent: no TLS. */
  readonly certificateSecretName?: pulumi.Input<string> | undefined;
}

/** The server's pod, with the metrics exporter beside it where one is wanted. */
export function serverPod(facts: ServerPodFacts): types.input.core.v1.PodSpec {
  const { certificateSecretName, exporterImage } = facts;
  return restrictedPod({
    identity: { uid: UID },
    serviceAccountName: facts.serviceAccountName,
    containers: [server(facts), ...(exporterImage === undefined ? [] : [exporter(exporterImage, facts.secretName)])],
    volumes: [
      { name: DATA_VOLUME, persistentVolumeClaim: { claimName: facts.claimName } },
      { name: LOGIN_VOLUME, configMap: { name: facts.loginsName } },
      {
        name: SHARED_MEMORY_VOLUME,
        emptyDir: { medium: "Memory", sizeLimit: sharedMemorySize(facts.resources.limits.memory) },
      },
      // PostgreSQL takes a key of root that its group may read, and nothing wider.
      ...(certificateSecretName === undefined
        ? []
        : [{ name: CERTIFICATE_VOLUME, secret: { secretName: certificateSecretName, defaultMode: 0o440 } }]),
    ],
    placement: { terminationGracePeriodSeconds: 120 }, // for the checkpoint at the end; a killed server has to recover
  });
}

function server(facts: ServerPodFacts): RestrictedContainer {
  const { usual } = facts;
  const tls = facts.certificateSecretName !== undefined;
  // Over TCP: while the image prepares an empty volume, a server runs that only answers on the socket.
  const answers = execProbe(["pg_isready", "-U", facts.probeUser, "-h", "127.0.0.1"]);
  return {
    name: "postgres",
    image: facts.image,
    args: [
      "postgres",
      ...serverArguments({ maxConnections: facts.maxConnections, memory: facts.resources.limits.memory, tls }),
      ...[
        "-c",
        `hba_file=${LOGIN_DIRECTORY}/${loginFiles.rules}`,
        "-c",
        `ident_file=${LOGIN_DIRECTORY}/${loginFiles.map}`,
      ],
    ],
    ports: [{ name: "postgres", containerPort: POSTGRES_PORT, protocol: "TCP" }],
    env: [
      // A directory below the mount point: initdb refuses one that holds lost+found.
      { name: "PGDATA", value: `${DATA_DIRECTORY}/pgdata` },
      // What the volume itself would say; the files of LOGIN_DIRECTORY stand in for it.
      { name: "POSTGRES_INITDB_ARGS", value: initialArguments(facts.image.version) },
      fromSecret("POSTGRES_PASSWORD", facts.secretName, serverSecretKeys.administrator),
      // So that `psql < backup.sql` goes where the data is, and what it makes belongs to whom it should.
      ...(usual === undefined
        ? []
        : [
            { name: "PGDATABASE", value: usual.database },
            { name: "PGUSER", value: usual.username },
          ]),
    ],
    resources: facts.resources,
    startupProbe: startsWithin(600, answers), // after a crash the server first replays its log
    readinessProbe: { ...answers, initialDelaySeconds: 5 },
    livenessProbe: { ...answers, initialDelaySeconds: 30 },
    volumeMounts: [
      { name: DATA_VOLUME, mountPath: DATA_DIRECTORY },
      { name: LOGIN_VOLUME, mountPath: LOGIN_DIRECTORY, readOnly: true },
      { name: SHARED_MEMORY_VOLUME, mountPath: "/dev/shm" },
      ...(tls ? [{ name: CERTIFICATE_VOLUME, mountPath: CERTIFICATE_DIRECTORY, readOnly: true }] : []),
    ],
    writable: ["/tmp", "/var/run/postgresql"],
  };
}

function exporter(image: ResolvedImage, secretName: pulumi.Input<string>): RestrictedContainer {
  const answers = tcpProbe("metrics"); // an answer with metrics would ask the database each time
  return {
    name: "exporter",
    image,
    ports: [{ name: "metrics", containerPort: EXPORTER_PORT, protocol: "TCP" }],
    env: [
      { name: "DATA_SOURCE_URI", value: `127.0.0.1:${POSTGRES_PORT}/postgres?sslmode=disable` },
      { name: "DATA_SOURCE_USER", value: EXPORTER_ROLE },
      fromSecret("DATA_SOURCE_PASS", secretName, serverSecretKeys.exporter),
    ],
    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
    startupProbe: startsWithin(60, answers),
    readinessProbe: answers,
    livenessProbe: answers,
  };
}
