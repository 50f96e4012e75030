import { quantityValue } from "../../components/kubernetes/quantity";
import { addressRangeRules } from "./address-range-rules";
import { agentPools } from "./agents";
import { harborLoginRules } from "./harbor-login-rules";
import { harborRules } from "./harbor-rules";
import { imageRules } from "./image-rules";
import { keycloakRules } from "./keycloak-rules";
import { kpaasRules } from "./kpaas-rules";
import { kubekloudRules } from "./kubekloud-rules";
import { mariadbRules } from "./mariadb-rules";
import { isPlainObject } from "./merge";
import { openhandsRules } from "./openhands-rules";
import { outsideServerRules } from "./outside-server-rules";
import { sonarQubeIsOwn } from "./own-names";
import { uniqueNameRules } from "./own-names-rules";
import { overlap, type SettingPath, valueAt } from "./paths";
import { pipelineRules } from "./pipeline-rules";
import type { Settings } from "./schema";
import { sonarqubeRules } from "./sonarqube-rules";
import { sourceControlRules } from "./source-control-rules";
import { hasCurrentWorkers } from "./unused";
import { vaultRules } from "./vault-rules";
import type { RuleInput, Violation } from "./violation";

export type { RuleInput, Violation } from "./violation";

const rules = [
  autoscalingRules,
  resourceRules,
  certificateRules,
  authorityRules,
  uniqueNameRules,
  outsideServerRules,
  addressRangeRules,
  generationRules,
  workerKeyRules,
  imageRules,
  sonarqubeRules,
  harborRules,
  harborLoginRules,
  kubekloudRules,
  kpaasRules,
  mariadbRules,
  keycloakRules,
  vaultRules,
  sourceControlRules,
  openhandsRules,
  pipelineRules,
];

/** Every impossible combination of settings. */
export function violations(input: RuleInput): Violation[] {
  return rules.flatMap((rule) => rule(input)).filter(({ paths }) => !isInherited(paths, input.settings));
}

/** What a pool only inherits is reported where it is set. */
function isInherited(paths: readonly SettingPath[], settings: Settings): boolean {
  const ofPools = paths.filter((path) => overlap(path, ["openchecker", "agents", "pools"]));
  return ofPools.length > 0 && ofPools.every((path) => valueAt(settings, path) === undefined);
}

/** Path of a pool in the settings, with the pool as it is after inheritance. */
function pools(settings: Settings) {
  const own = Object.keys(settings.openchecker.agents.pools).sort();
  const paths: SettingPath[] = [
    ["openchecker", "agents"],
    ...own.map((name) => ["openchecker", "agents", "pools", name]),
  ];
  return agentPools(settings.openchecker.agents).flatMap((pool, index) => {
    const path = paths[index];
    return path === undefined ? [] : [{ pool, path }];
  });
}

function autoscalingRules({ settings, configured }: RuleInput): Violation[] {
  return pools(settings).flatMap(({ pool, path }) => {
    const { autoscaling } = pool;
    const at = (key: string): SettingPath => [...path, "autoscaling", key];
    if (autoscaling.type === "none") {
      return [];
    }
    const found: Violation[] = [];
    if (autoscaling.minReplicas > autoscaling.maxReplicas) {
      found.push({
        paths: [at("minReplicas"), at("maxReplicas")],
        reason: "The fewest pods are more than the most.",
        remedy: "Lower minReplicas or raise maxReplicas.",
      });
    }
    if (autoscaling.type === "queue" && !settings.cluster.capabilities.keda) {
      found.push({
        paths: [at("type"), ["cluster", "capabilities", "keda"]],
        reason: "Scaling by queue length needs KEDA, and the cluster is said not to have it.",
        remedy: "Install KEDA and set platform:cluster.capabilities.keda to true, or use the type cpu.",
      });
    }
    const { external } = settings.rabbitmq;
    if (autoscaling.type === "queue" && external !== undefined && external.management === undefined) {
      found.push({
        paths: [at("type"), ["rabbitmq", "external", "management"]],
        reason: "Scaling by queue length asks the broker's management interface, and there is no login for it.",
        remedy: "Set rabbitmq.external.management, or use the type cpu.",
      });
    }
    if (valueAt(configured, [...path, "replicas"]) !== undefined) {
      found.push({
        paths: [[...path, "replicas"], at("type")],
        reason: "The number of pods is fixed and left to the autoscaler at the same time.",
        remedy: "Remove replicas, or set autoscaling.type to none.",
      });
    }
    return found;
  });
}

function resourceRules({ settings }: RuleInput): Violation[] {
  const workloads = [
    ...resourcesBelow(settings, []).filter(({ path }) => !overlap(path, ["openchecker", "agents"])),
    ...pools(settings).map(({ pool, path }) => ({ path: [...path, "resources"], resources: pool.resources })),
  ];
  return workloads.flatMap(({ path, resources: { requests, limits } }) =>
    (["cpu", "memory", "ephemeral-storage"] as const).flatMap((key): Violation[] => {
      const [request, limit] = [requests[key], limits[key]];
      if (request === undefined || limit === undefined || quantityValue(request) <= quantityValue(limit)) {
        return [];
      }
      return [
        {
          paths: [
            [...path, "requests", key],
            [...path, "limits", key],
          ],
          reason: "More is requested than the limit allows; Kubernetes refuses such a pod.",
          remedy: "Lower the request or raise the limit.",
        },
      ];
    }),
  );
}

interface ResourcesAt {
  readonly path: SettingPath;
  readonly resources: Readonly<Record<"requests" | "limits", Readonly<Record<string, string>>>>;
}

/** Every `{ requests, limits }` in the settings. */
function resourcesBelow(value: unknown, path: SettingPath): ResourcesAt[] {
  if (!isPlainObject(value)) {
    return [];
  }
  return isResources(value)
    ? [{ path, resources: value }]
    : Object.entries(value).flatMap(([key, each]) => resourcesBelow(each, [...path, key]));
}

function isResources(value: object): value is ResourcesAt["resources"] {
  return "requests" in value && "limits" in value;
}

function certificateRules({ settings }: RuleInput): Violation[] {
  return (["openchecker", "sonarqube", "kubekloud", "openhands"] as const)
    .filter((system) => {
      const { enabled, exposure } = settings[system];
      const used = system === "sonarqube" ? sonarQubeIsOwn(settings) : enabled;
      return used && exposure.type === "ingress" && exposure.tls.from === "issuer";
    })
    .filter(() => !settings.cluster.capabilities.certManager)
    .map((system) => ({
      paths: [
        [system, "exposure", "tls", "from"],
        ["cluster", "capabilities", "certManager"],
      ],
      reason: "The certificate is to come from an issuer, and the cluster is said not to have cert-manager.",
      remedy:
        "Install cert-manager and set platform:cluster.capabilities.certManager to true, or use `tls: { from: selfMade }`.",
    }));
}

function authorityRules({ settings }: RuleInput): Violation[] {
  const { leafDays, validityDays } = settings.certificates.selfMade;
  return leafDays <= validityDays
    ? []
    : [
        {
          paths: [
            ["certificates", "selfMade", "leafDays"],
            ["certificates", "selfMade", "validityDays"],
          ],
          reason: "The certificates would live longer than the authority that signs them; they end with it.",
          remedy: "Lower leafDays, or raise validityDays.",
        },
      ];
}

function generationRules({ settings }: RuleInput): Violation[] {
  const scheme = settings.openchecker.sonarqube?.external.scheme;
  return scheme !== "https"
    ? []
    : pools(settings).flatMap(({ pool, path }) =>
        pool.generation === "current"
          ? []
          : [
              {
                paths: [
                  ["openchecker", "sonarqube", "external", "scheme"],
                  [...path, "generation"],
                ],
                reason: "Workers of the classic generation always use http to reach SonarQube.",
                remedy: "Set the scheme to http, or use an image of the current generation.",
              } satisfies Violation,
            ],
      );
}

/** Keys that only newer code reads: with the older one the checks that need them would give blanks, and nobody knew why. */
function workerKeyRules({ settings }: RuleInput): Violation[] {
  const { enabled, tokens, ohpm } = settings.openchecker;
  if (!enabled || hasCurrentWorkers(settings)) {
    return [];
  }
  const given: SettingPath[] = [
    ...Object.entries(tokens)
      .filter(([, token]) => token !== undefined)
      .map(([host]) => ["openchecker", "tokens", host]),
    ...(ohpm === undefined ? [] : [["openchecker", "ohpm"]]),
  ];
  return given.map((path) => ({
    paths: [path, ["openchecker", "agents", "generation"]],
    reason: "Workers of the classic generation never read this; private repositories stay closed to them.",
    remedy: "Remove it, or use an image of the current generation and say so in agents.generation.",
  }));
}
