import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerImage, ResolvedImage } from "../../catalog/resolve";
import type { PostgresEndpoint } from "../contracts";
import { waitForPostgres } from "../data/postgres-wait";
import { fromSecret } from "../data/secret-variable";
import type { Exposure } from "../exposure/exposure";
import { spreadOverNodes } from "../kubernetes/affinity";
import { type Resources, type RestrictedContainer, restrictedPod } from "../kubernetes/pod";
import { httpProbe, startsWithin } from "../kubernetes/probes";
import { API_PORT, apiPodLabels, secretKeys } from "./objects";
import { serverCommand, type UserAdministration } from "./user-administration";

type EnvVar = types.input.core.v1.EnvVar;

/** The user `appuser` of the image. */
const UID = 1000;

/** Written last by the application, in one transaction with the others: where it is, all of them are. */
export const LAST_TABLE = "public.instances";

/** Makes the tables; fails where the image's application cannot start. */
export const schemaScript = readFileSync(join(__dirname, "scripts/schema.py"), "utf8");

const CERTIFICATE_VOLUME = "postgres-authority";
const CERTIFICATE_DIRECTORY = "/etc/postgres-authority";

export interface ApiPodFacts {
  /** Of the application. */
  readonly image: ContainerImage;
  readonly database: PostgresEndpoint;
  /** The postgres image, for the wait. */
  readonly databaseClient: ResolvedImage;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly configurationName: pulumi.Input<string>;
  /** Secret with the `secretKeys`. */
  readonly secretName: pulumi.Input<string>;
}

export interface ServerFacts extends ApiPodFacts {
  /** Of the server's container. */
  readonly resources: Resources;
  /** How clients reach the server. */
  readonly exposure: Exposure;
  readonly userAdministration: UserAdministration;
}

/** The API's pod. It starts once the schema exists. */
export function apiPod(facts: ServerFacts): types.input.core.v1.PodSpec {
  const health = httpProbe("/health", "http");
  return restrictedPod({
    ...podBase(facts),
    mountToken: true,
    initContainers: [databaseWait(facts, LAST_TABLE)],
    containers: [
      {
        ...application(facts, proxyEnv(facts.exposure)),
        name: "api",
        command: serverCommand(facts.userAdministration, facts.exposure),
        ports: [{ name: "http", containerPort: API_PORT, protocol: "TCP" }],
        resources: facts.resources,
        startupProbe: startsWithin(120, health),
        readinessProbe: { ...health, periodSeconds: 5, timeoutSeconds: 3 },
        // The code blocks while it makes a large cluster; a kill then would leave half of it behind.
        livenessProbe: { ...health, timeoutSeconds: 10, failureThreshold: 6 },
        lifecycle: { preStop: { sleep: { seconds: 5 } } }, // load balancers stop sending before the server stops
      },
    ],
    placement: {
      affinity: spreadOverNodes(apiPodLabels),
      // Keeps the pods even where there are more of them than nodes, which the affinity has no opinion on.
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: { ...apiPodLabels } },
        },
      ],
      terminationGracePeriodSeconds: 60,
    },
  });
}

/** The pod that makes the tables: two replicas that both try it on an empty database get in each other's way. */
export function schemaPod(facts: ApiPodFacts): types.input.core.v1.PodSpec {
  return restrictedPod({
    ...podBase(facts),
    initContainers: [databaseWait(facts)],
    containers: [
      {
        ...application(facts),
        name: "schema",
        command: ["python", "-c", schemaScript],
        resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { cpu: "500m", memory: "256Mi" } },
      },
    ],
  });
}

function podBase({ database, secretName, ...facts }: ApiPodFacts) {
  return {
    identity: { uid: UID },
    serviceAccountName: facts.serviceAccountName,
    volumes:
      database.certificateAuthority === undefined
        ? []
        : [
            {
              name: CERTIFICATE_VOLUME,
              secret: {
                secretName,
                items: [{ key: secretKeys.certificateAuthority, path: secretKeys.certificateAuthority }],
                defaultMode: 0o440,
              },
            },
          ],
  };
}

/** What every container of the application has. */
function application(facts: ApiPodFacts, env: EnvVar[] = []): Omit<RestrictedContainer, "name" | "resources"> {
  return {
    image: facts.image,
    env: [
      fromSecret("DATABASE_URL", facts.secretName, secretKeys.url),
      { name: "HOME", value: "/tmp" },
      { name: "K8S_CONFIG_PATH", value: "" }, // empty: the credentials of the pod
      fromConfiguration("K8S_NAMESPACE", facts.configurationName),
      ...certificateEnv(facts.database),
      { name: "PYTHONDONTWRITEBYTECODE", value: "1" },
      { name: "PYTHONUNBUFFERED", value: "1" },
      ...env,
    ],
    volumeMounts: certificateMounts(facts.database),
    writable: ["/tmp"],
  };
}

/** Without it the server takes requests that came by TLS for plain HTTP, and its redirects lead there. */
function proxyEnv({ type }: Exposure): EnvVar[] {
  // The network policy lets only the ingress controller through to the port.
  return type === "ingress" ? [{ name: "FORWARDED_ALLOW_IPS", value: "*" }] : [];
}

function databaseWait(facts: ApiPodFacts, requiredTable?: string): RestrictedContainer {
  const { database, configurationName, secretName } = facts;
  return waitForPostgres({
    image: facts.databaseClient,
    env: [
      fromConfiguration("PGHOST", configurationName, "POSTGRES_HOST"),
      fromConfiguration("PGPORT", configurationName, "POSTGRES_PORT"),
      fromConfiguration("PGDATABASE", configurationName, "POSTGRES_DB"),
      fromSecret("PGUSER", secretName, secretKeys.user),
      fromSecret("PGPASSWORD", secretName, secretKeys.password),
      { name: "PGSSLMODE", value: database.sslmode },
      ...certificateEnv(database),
    ],
    ...(requiredTable !== undefined && { requiredTable }),
    volumeMounts: certificateMounts(database),
  });
}

function certificateEnv({ certificateAuthority }: PostgresEndpoint): EnvVar[] {
  return certificateAuthority === undefined
    ? []
    : [{ name: "PGSSLROOTCERT", value: `${CERTIFICATE_DIRECTORY}/${secretKeys.certificateAuthority}` }];
}

function certificateMounts({ certificateAuthority }: PostgresEndpoint): types.input.core.v1.VolumeMount[] {
  return certificateAuthority === undefined
    ? []
    : [{ name: CERTIFICATE_VOLUME, mountPath: CERTIFICATE_DIRECTORY, readOnly: true }];
}

function fromConfiguration(name: string, configMap: pulumi.Input<string>, key = name): EnvVar {
  return { name, valueFrom: { configMapKeyRef: { name: configMap, key } } };
}
