import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import { fromSecret } from "../data/secret-variable";
import { type Resources, restrictedPod } from "../kubernetes/pod";
import { httpProbe, startsWithin } from "../kubernetes/probes";

/** Port of the pods. */
export const CHART_MUSEUM_PORT = 8080;

/** Name of the container's port. */
export const CHART_MUSEUM_PORT_NAME = "http";

/** Largest chart that can be pushed, in bytes; ChartMuseum's own default. */
export const LARGEST_CHART = 20 * 2 ** 20;

/** Keys of the Secret with the login, which are the variables that the server reads. */
export const loginKeys = { username: "BASIC_AUTH_USER", password: "BASIC_AUTH_PASS" } as const;

/** User and group of the image. */
const UID = 1000;

const STORAGE_DIRECTORY = "/storage";

export interface ServerOptions {
  /** Everybody may read; only writing needs the login. */
  readonly anonymousRead: boolean;
  /** Serve `/metrics`, on the same port and without a login. */
  readonly metrics: boolean;
}

/** The server's variables that are not secret. */
export function serverEnvironment({ anonymousRead, metrics }: ServerOptions): Readonly<Record<string, string>> {
  return {
    AUTH_ANONYMOUS_GET: String(anonymousRead),
    ENABLE_METRICS: String(metrics),
    LOG_JSON: "true",
    MAX_UPLOAD_SIZE: String(LARGEST_CHART),
    PORT: String(CHART_MUSEUM_PORT),
    STORAGE: "local",
    STORAGE_LOCAL_ROOTDIR: STORAGE_DIRECTORY,
  };
}

export interface ChartMuseumPodFacts extends ServerOptions {
  readonly image: ResolvedImage;
  readonly resources: Resources;
  readonly serviceAccountName: pulumi.Input<string>;
  /** Claim with the charts. */
  readonly claimName: pulumi.Input<string>;
  /** Secret with the {@link loginKeys}. */
  readonly secretName: pulumi.Input<string>;
}

/** The one pod of the server. */
export function chartMuseumPod(facts: ChartMuseumPodFacts): types.input.core.v1.PodSpec {
  const { image, secretName } = facts;
  // Answers without a login.
  const health = httpProbe("/health", CHART_MUSEUM_PORT_NAME);
  return restrictedPod({
    identity: { uid: UID },
    serviceAccountName: facts.serviceAccountName,
    containers: [
      {
        name: "chartmuseum",
        image,
        ports: [{ name: CHART_MUSEUM_PORT_NAME, containerPort: CHART_MUSEUM_PORT, protocol: "TCP" }],
        env: [
          ...Object.entries(serverEnvironment(facts)).map(([name, value]) => ({ name, value })),
          ...Object.values(loginKeys).map((key) => fromSecret(key, secretName, key)),
        ],
        resources: facts.resources,
        startupProbe: startsWithin(60, health),
        readinessProbe: health,
        livenessProbe: health,
        volumeMounts: [{ name: "charts", mountPath: STORAGE_DIRECTORY }],
      },
    ],
    volumes: [{ name: "charts", persistentVolumeClaim: { claimName: facts.claimName } }],
  });
}
