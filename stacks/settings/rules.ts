import { quantityValue } from "../../components/kubernetes/quantity";
import { agentPools } from "./agents";
import { harborRules } from "./harbor-rules";
import { kubekloudRules } from "./kubekloud-rules";
import { overlap, type SettingPath, valueAt } from "./paths";
import type { Settings } from "./schema";

/** A combination of settings that cannot work. Its texts hold no values: the report adds those that may be shown. */
export interface Violation {
  /** Every setting that the rule looked at and that has a part in it. */
  readonly paths: readonly [SettingPath, ...SettingPath[]];
  readonly reason: string;
  readonly remedy: string;
}

/** What the rules look at. */
export interface RuleInput {
  readonly settings: Settings;
  /** What the stack itself sets, without preset and defaults. */
  readonly configured: Readonly<Record<string, unknown>>;
}

const rules = [
  autoscalingRules,
  resourceRules,
  certificateRules,
  hostRules,
  namespaceRules,
  generationRules,
  harborRules,
  kubekloudRules,
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
    { path: ["rabbitmq", "resources"], resources: settings.rabbitmq.resources },
    { path: ["openchecker", "main", "resources"], resources: settings.openchecker.main.resources },
    ...pools(settings).map(({ pool, path }) => ({ path: [...path, "resources"], resources: pool.resources })),
    { path: ["kubekloud", "resources"], resources: settings.kubekloud.resources },
    { path: ["kubekloud", "database", "resources"], resources: settings.kubekloud.database.resources },
    ...Object.entries(settings.harbor.resources).map(([part, resources]) => ({
      path: ["harbor", "resources", part],
      resources,
    })),
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

function certificateRules({ settings }: RuleInput): Violation[] {
  return (["openchecker", "kubekloud"] as const)
    .filter((system) => {
      const { enabled, exposure } = settings[system];
      return enabled && exposure.type === "ingress" && exposure.tls.from === "issuer";
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

function hostRules({ settings }: RuleInput): Violation[] {
  const { openchecker, harbor, kubekloud } = settings;
  const hosts: { path: SettingPath; host: string }[] = [];
  if (openchecker.enabled && openchecker.exposure.type === "ingress") {
    hosts.push({ path: ["openchecker", "exposure", "host"], host: openchecker.exposure.host });
  }
  if (openchecker.compassProxies.enabled) {
    for (const [name, proxy] of Object.entries(openchecker.compassProxies.proxies)) {
      const path = ["openchecker", "compassProxies", "proxies", name, "hosts"];
      hosts.push(...proxy.hosts.map(({ host }, index) => ({ path: [...path, index, "host"], host })));
    }
  }
  if (harbor.enabled && harbor.external === undefined && harbor.exposure.type === "ingress") {
    hosts.push({ path: ["harbor", "host"], host: harbor.host });
  }
  if (kubekloud.enabled && kubekloud.exposure.type === "ingress") {
    hosts.push({ path: ["kubekloud", "exposure", "host"], host: kubekloud.exposure.host });
  }
  return repeated(hosts, ({ host }) => host).map((paths) => ({
    paths,
    reason: "Two systems ask for the same host name; the ingress controller would serve only one of them.",
    remedy: "Give each its own host name.",
  }));
}

function namespaceRules({ settings }: RuleInput): Violation[] {
  const { cluster, nfs, rabbitmq, openchecker, harbor, kubekloud } = settings;
  const ownHarbor = harbor.enabled && harbor.external === undefined;
  const namespaces: { path: SettingPath; name: string; used: boolean }[] = [
    { path: ["openchecker", "namespace"], name: openchecker.namespace, used: openchecker.enabled },
    {
      path: ["rabbitmq", "namespace"],
      name: rabbitmq.namespace,
      used: openchecker.enabled && rabbitmq.external === undefined,
    },
    {
      path: ["openchecker", "compassProxies", "namespace"],
      name: openchecker.compassProxies.namespace,
      used: openchecker.compassProxies.enabled,
    },
    { path: ["nfs", "provisioner", "namespace"], name: nfs.provisioner.namespace, used: nfs.provisioner.enabled },
    { path: ["harbor", "namespace"], name: harbor.namespace, used: ownHarbor },
    {
      path: ["harbor", "nodePreparation", "namespace"],
      name: harbor.nodePreparation.namespace,
      used: ownHarbor && harbor.nodePreparation.enabled,
    },
    { path: ["kubekloud", "namespace"], name: kubekloud.namespace, used: kubekloud.enabled },
    { path: ["cluster", "ingress", "controllerNamespace"], name: cluster.ingress.controllerNamespace, used: true },
  ];
  return repeated(
    namespaces.filter(({ used }) => used),
    ({ name }) => name,
  ).map((paths) => ({
    paths,
    reason: "Two systems ask for the same namespace; network policies and Pod Security are set for one system each.",
    remedy: "Give each its own namespace.",
  }));
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

/** The paths of entries that have the same key, one group for each key that occurs more than once. */
function repeated<T extends { readonly path: SettingPath }>(
  entries: readonly T[],
  keyOf: (entry: T) => string,
): [SettingPath, ...SettingPath[]][] {
  const groups = new Map<string, [SettingPath, ...SettingPath[]]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group === undefined) {
      groups.set(keyOf(entry), [entry.path]);
    } else {
      group.push(entry.path);
    }
  }
  return [...groups.values()].filter((group) => group.length > 1);
}
