import { agentPools } from "./agents";
import { keycloakWarnings } from "./keycloak-warnings";
import { kpaasWarnings } from "./kpaas-warnings";
import { kubekloudWarnings } from "./kubekloud-warnings";
import { mariadbWarnings } from "./mariadb-warnings";
import { openhandsWarnings } from "./openhands-warnings";
import { pipelineWarnings } from "./pipeline-warnings";
import { redacted } from "./redact";
import type { Settings } from "./schema";
import { sourceControlWarnings } from "./source-control-warnings";
import { unusedSettings } from "./unused";
import { vaultWarnings } from "./vault-warnings";

/** What works but deserves a second look, one sentence or two each, with what to do. Never holds a secret. */
export function settingsWarnings(settings: Settings, configured: Readonly<Record<string, unknown>> = {}): string[] {
  return [
    ...unusedSettings(settings, configured),
    ...emptySourceWarnings(settings),
    ...apiWarnings(settings),
    ...workerWarnings(settings),
    ...kubekloudWarnings(settings),
    ...kpaasWarnings(settings),
    ...mariadbWarnings(settings),
    ...keycloakWarnings(settings),
    ...vaultWarnings(settings),
    ...pipelineWarnings(settings),
    ...sourceControlWarnings(settings),
    ...openhandsWarnings(settings),
    ...networkWarnings(settings),
    ...apiServerWarnings(settings),
  ].map(redacted);
}

function apiWarnings({ openchecker, images }: Settings): string[] {
  const { exposure, main, enabled } = openchecker;
  if (!enabled) {
    return [];
  }
  const open =
    exposure.type === "nodePort" ||
    (exposure.type !== "clusterIp" && (exposure.allowedSources === undefined || exposure.allowedSources.length === 0));
  return [
    ...(open && main.generation === "classic"
      ? [
          "OpenChecker of the classic generation signs its login tokens with a key that is public in its source, so everybody who reaches the API can use it. " +
            "Set platform:openchecker.exposure.allowedSources (type ingress or loadBalancer), or use an image of the current generation.",
        ]
      : []),
    ...(exposure.type === "ingress" && exposure.tls.from === "none"
      ? [
          "platform:openchecker.exposure.tls.from is none: passwords and tokens travel unencrypted. Use selfMade, secret or issuer.",
        ]
      : []),
    ...(main.generation === "current" && images.overrides["openchecker-main"] === undefined
      ? [generationWarning("platform:openchecker.main.generation", "openchecker-main")]
      : []),
  ];
}

function workerWarnings({ openchecker, images, rabbitmq }: Settings): string[] {
  if (!openchecker.enabled) {
    return [];
  }
  const pools = agentPools(openchecker.agents);
  const byQueue = pools.filter(({ autoscaling }) => autoscaling.type === "queue").map(({ name }) => name);
  const doubled =
    byQueue.length > 1
      ? [
          `${byQueue.join(" and ")} scale by the same queue, and each counts all of its tasks, so together they make more workers than needed. ` +
            "Scale one pool by the queue and the others by cpu, or raise messagesPerReplica.",
        ]
      : [];
  return doubled.concat(
    pools.flatMap((pool) => [
      ...(pool.terminationGraceSeconds > rabbitmq.consumerTimeoutMinutes * 60
        ? [
            `${pool.name} waits ${pool.terminationGraceSeconds} s for a running task when it stops, but the broker takes a task away after ${rabbitmq.consumerTimeoutMinutes} minutes. ` +
              "Lower terminationGraceSeconds or raise platform:rabbitmq.consumerTimeoutMinutes.",
          ]
        : []),
      ...(pool.generation === "current" &&
      images.overrides["openchecker-agent"] === undefined &&
      Object.keys(pool.image).length === 0
        ? [generationWarning(`the generation of ${pool.name}`, "openchecker-agent")]
        : []),
    ]),
  );
}

/** An empty list looks like "nobody" and means everybody. */
function emptySourceWarnings(settings: Settings): string[] {
  return (["openchecker", "sonarqube", "harbor", "kubekloud", "openhands"] as const)
    .filter((system) => {
      const { enabled, exposure } = settings[system];
      return enabled && "allowedSources" in exposure && exposure.allowedSources?.length === 0;
    })
    .map(
      (system) =>
        `platform:${system}.exposure.allowedSources is an empty list, which lets everybody in. Name the ranges of the clients, or remove it.`,
    );
}

function generationWarning(setting: string, image: string): string {
  return (
    `${setting} is current, but the image ${image} is the one of the catalogue, which holds classic code. ` +
    `Set platform:images.overrides.${image}, or the generation classic.`
  );
}

function networkWarnings({ cluster }: Settings): string[] {
  return cluster.capabilities.networkPolicy
    ? []
    : [
        "platform:cluster.capabilities.networkPolicy is false: nothing keeps workers, which run code of strangers, from other systems of the cluster. " +
          "Use a network plugin that enforces NetworkPolicy objects (flannel does not).",
      ];
}

/** Only where data is guarded: a place to try things out need not know where its API server is. */
function apiServerWarnings({ cluster, lifecycle }: Settings): string[] {
  const { cidrs, ports } = cluster.apiServer;
  return lifecycle.protectData && cidrs.some((range) => range.endsWith("/0"))
    ? [
        `platform:cluster.apiServer.cidrs lets the pods that call the API server reach every address at the ports ${ports.join(" and ")}, the Internet included. ` +
          "Name its addresses: kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes.",
      ]
    : [];
}
