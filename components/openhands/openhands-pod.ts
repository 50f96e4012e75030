import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerImage } from "../../catalog/resolve";
import { fromSecret } from "../data/secret-variable";
import { spreadOverNodes } from "../kubernetes/affinity";
import { type Resources, type RestrictedContainer, restrictedPod } from "../kubernetes/pod";
import { httpProbe, startsWithin } from "../kubernetes/probes";
import { APPLICATION_PORT, applicationPodLabels, STATE_DIRECTORY } from "./names";
import type { OpenHandsArgs } from "./openhands-args";

/** The user `openhands` of the image, to whom its code belongs. */
const UID = 42420;

const STATE_VOLUME = "state";
const FILES_VOLUME = "files";
const FILES_DIRECTORY = "/etc/openhands";

/** Keys of the ConfigMap. */
export const fileKeys = { configuration: "config.toml", seed: "seed_settings.py" } as const;

/** Keys of the application's Secret. */
export const secretKeys = { signing: "JWT_SECRET" } as const;

export interface OpenHandsPodFacts {
  readonly image: ContainerImage;
  readonly resources: Resources;
  readonly placement: OpenHandsArgs["placement"];
  readonly terminationGraceSeconds: number;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly claimName: pulumi.Input<string>;
  readonly configurationName: pulumi.Input<string>;
  readonly secretName: pulumi.Input<string>;
  /** Secret with the variables that the seed reads. @default nothing is seeded */
  readonly languageModelName?: pulumi.Input<string> | undefined;
  /** Variables without secrets. */
  readonly variables: Readonly<Record<string, string>>;
  readonly agentName: string;
}

/** The application's pod. It starts once its settings are there. */
export function openHandsPod(facts: OpenHandsPodFacts): types.input.core.v1.PodSpec {
  const { image, languageModelName, placement } = facts;
  const alive = httpProbe("/alive", "http");
  return restrictedPod({
    identity: { uid: UID },
    serviceAccountName: facts.serviceAccountName,
    mountToken: true, // it makes the sandboxes
    initContainers: languageModelName === undefined ? [] : [seedContainer(facts, languageModelName)],
    containers: [
      {
        ...base(image),
        name: "openhands",
        env: [
          ...Object.entries(facts.variables)
            .sort(([left], [right]) => (left < right ? -1 : 1))
            .map(([name, value]) => ({ name, value })),
          fromSecret("JWT_SECRET", facts.secretName, secretKeys.signing),
        ],
        ports: [{ name: "http", containerPort: APPLICATION_PORT, protocol: "TCP" }],
        resources: facts.resources,
        startupProbe: startsWithin(600, alive),
        // Not `/ready`: this server answers every unknown path with its page and the status 200.
        readinessProbe: httpProbe("/health", "http"),
        // The code blocks while it waits for a sandbox; a restart would end all conversations.
        livenessProbe: { ...alive, periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6 },
        volumeMounts: [
          ...base(image).volumeMounts,
          {
            name: FILES_VOLUME,
            mountPath: `/app/${fileKeys.configuration}`,
            subPath: fileKeys.configuration,
            readOnly: true,
          },
        ],
        writable: ["/tmp", "/home/openhands"],
      },
    ],
    volumes: [
      { name: STATE_VOLUME, persistentVolumeClaim: { claimName: facts.claimName } },
      { name: FILES_VOLUME, configMap: { name: facts.configurationName } },
    ],
    placement: {
      ...(Object.keys(placement.nodeSelector).length > 0 && { nodeSelector: { ...placement.nodeSelector } }),
      affinity: placement.affinity ?? spreadOverNodes(applicationPodLabels),
      ...(placement.tolerations.length > 0 && { tolerations: [...placement.tolerations] }),
      terminationGracePeriodSeconds: facts.terminationGraceSeconds,
    },
  });
}

/** Writes the language model into the state: the application takes it from nowhere else. */
function seedContainer(facts: OpenHandsPodFacts, languageModelName: pulumi.Input<string>): RestrictedContainer {
  const container = base(facts.image);
  return {
    ...container,
    name: "settings",
    command: ["python", "-B", `${FILES_DIRECTORY}/${fileKeys.seed}`],
    env: [
      { name: "DEFAULT_AGENT", value: facts.agentName },
      { name: "STATE_DIRECTORY", value: STATE_DIRECTORY },
    ],
    envFrom: [{ secretRef: { name: languageModelName } }],
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
    volumeMounts: [...container.volumeMounts, { name: FILES_VOLUME, mountPath: FILES_DIRECTORY, readOnly: true }],
  };
}

/** What both containers have. */
function base(image: ContainerImage) {
  return {
    image,
    volumeMounts: [{ name: STATE_VOLUME, mountPath: STATE_DIRECTORY }],
  };
}
