import { agentPools } from "./agents";
import { isPlainObject } from "./merge";
import { formatPath, type SettingPath, valueAt } from "./paths";
import type { Settings } from "./schema";

/** Settings that change nothing while others are as they are. */
interface Unused {
  readonly when: boolean;
  /** The sections and keys that nothing looks at then. */
  readonly of: readonly SettingPath[];
  /** What below them counts nevertheless. */
  readonly but?: readonly SettingPath[];
  /** Why, as the end of a sentence. */
  readonly since: string;
}

/** Sections with a server of somebody else, of which nothing but `external` and what is named here counts then. */
const external: readonly [path: SettingPath, but: readonly SettingPath[]][] = [
  [
    ["rabbitmq"],
    [
      ["rabbitmq", "consumerTimeoutMinutes"],
      ["rabbitmq", "monitoring"],
    ],
  ],
  [
    ["harbor"],
    [
      ["harbor", "enabled"],
      ["harbor", "projects"],
    ],
  ],
  [["keycloak"], [["keycloak", "enabled"]]],
  [["mariadb"], []],
  [["vault"], []],
  [["chartmuseum"], [["chartmuseum", "enabled"]]],
  [["sonarqube", "database"], []],
  [["kubekloud", "database"], []],
];

/** Sections that can be switched off as a whole. */
const switches: readonly SettingPath[] = [
  ["sonarqube"],
  ["openchecker"],
  ["harbor"],
  ["kubekloud"],
  ["kpaas"],
  ["keycloak"],
  ["chartmuseum"],
  ["pipeline"],
  ["sourceControl"],
  ["openhands"],
  ["openchecker", "compassProxies"],
  ["nfs", "provisioner"],
  ["harbor", "trivy"],
  ["harbor", "oidc"],
  ["harbor", "nodePreparation"],
  ["openhands", "login"],
  ["kpaas", "portal", "terraman"],
  ["kpaas", "portal", "chaos"],
  ["kpaas", "portal", "broker"],
  ["pipeline", "broker"],
  ["sourceControl", "broker"],
];

function unused(settings: Settings): Unused[] {
  const { cluster, harbor, openchecker, kpaas } = settings;
  const harborOf = (...keys: string[]): SettingPath => ["harbor", ...keys];
  const set = (path: SettingPath): boolean => valueAt(settings, path) !== undefined;
  const off = (path: SettingPath): boolean => valueAt(settings, [...path, "enabled"]) === false;
  const { exposure } = harbor;
  return [
    ...switches.map((path) => ({
      when: off(path),
      of: [path],
      but: [[...path, "enabled"]],
      since: `${formatPath([...path, "enabled"])} is false`,
    })),
    ...external.map(([path, but]) => ({
      when: set([...path, "external"]),
      of: [path],
      but: [[...path, "external"], ...but],
      since: `${formatPath([...path, "external"])} is set`,
    })),
    {
      when: openchecker.sonarqube !== undefined,
      of: [["sonarqube"]],
      since: "platform:openchecker.sonarqube names another server",
    },
    {
      when: !kpaas.enabled,
      of: [["mariadb"], ["vault"], ["chartmuseum"]],
      since: "platform:kpaas.enabled is false",
    },
    { when: !cluster.capabilities.keda, of: [["cluster", "keda"]], since: "the cluster is said to have no KEDA" },
    {
      when: openchecker.main.generation === "classic",
      of: [["openchecker", "token", "expiresMinutes"]],
      since: "code of the generation classic has its own life of login tokens, 30 days",
    },
    {
      when: harbor.storage.s3 !== undefined,
      of: ["size", "class", "accessMode"].map((key) => harborOf("storage", key)),
      since: "platform:harbor.storage.s3 is set",
    },
    {
      when: harbor.jobservice.logs.inDatabase,
      of: ["size", "class", "accessMode"].map((key) => harborOf("jobservice", "logs", key)),
      since: "platform:harbor.jobservice.logs.inDatabase is true",
    },
    {
      when: harbor.database.external !== undefined,
      of: [harborOf("database", "storage"), harborOf("resources", "database")],
      since: "platform:harbor.database.external is set",
    },
    {
      when: harbor.redis.external !== undefined,
      of: [harborOf("redis", "storage"), harborOf("resources", "redis")],
      since: "platform:harbor.redis.external is set",
    },
    {
      when: exposure.type === "ingress",
      of: [harborOf("replicas", "nginx"), harborOf("resources", "nginx")],
      since: "there is no nginx with an ingress",
    },
    {
      when: exposure.type === "nodePort" && exposure.tls.from === "none",
      of: [harborOf("exposure", "httpsPort")],
      since: "platform:harbor.exposure.tls.from is none",
    },
    {
      when: !harbor.metrics,
      of: [harborOf("resources", "exporter")],
      since: "platform:harbor.metrics is false",
    },
    {
      when: !harbor.trivy.enabled,
      of: [harborOf("replicas", "trivy"), harborOf("resources", "trivy")],
      since: "platform:harbor.trivy.enabled is false",
    },
  ];
}

/** What a stack sets and nothing looks at, one sentence each. */
export function unusedSettings(settings: Settings, configured: Readonly<Record<string, unknown>>): string[] {
  const found = new Map<string, string>();
  for (const { when, of, but = [], since } of unused(settings)) {
    for (const path of when ? of.flatMap((each) => leavesOf(configured, each)) : []) {
      const counts = but.some((each) => each.every((key, index) => key === path[index]));
      const setting = formatPath(path);
      if (!counts && !found.has(setting)) {
        found.set(setting, since);
      }
    }
  }
  const reasons = [...new Set(found.values())];
  return reasons.map((since) => {
    const settingsOf = [...found].filter(([, each]) => each === since).map(([setting]) => setting);
    const shown =
      settingsOf.slice(0, 5).join(", ") + (settingsOf.length > 5 ? ` and ${settingsOf.length - 5} more` : "");
    return `${shown} ${settingsOf.length === 1 ? "is" : "are"} set and of no use, since ${since}.`;
  });
}

/** Paths of the single values below a path. */
function leavesOf(configured: unknown, path: SettingPath): SettingPath[] {
  const value = valueAt(configured, path);
  if (isPlainObject(value) && Object.keys(value).length > 0) {
    return Object.keys(value).flatMap((key) => leavesOf(configured, [...path, key]));
  }
  return value === undefined ? [] : [path];
}

/** Whether some worker runs code that reads keys for code hosts and for ohpm. */
export function hasCurrentWorkers(settings: Settings): boolean {
  return agentPools(settings.openchecker.agents).some(({ generation }) => generation === "current");
}
