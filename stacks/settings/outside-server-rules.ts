import { isIP } from "node:net";
import { contains } from "../../components/kubernetes/address-range";
import type { SettingPath } from "./paths";
import type { Settings } from "./schema";
import { placeOfUrl } from "./types/url";
import type { RuleInput, Violation } from "./violation";

/** A server outside the cluster, as settings name it, and what the network policies open for it. */
interface OutsideServer {
  /** Whether pods of this stack talk to it. */
  readonly used: boolean;
  /** The setting that holds its address. */
  readonly path: SettingPath;
  readonly host: string;
  /** Absent where the policies take the port from the address. */
  readonly port?: number | undefined;
  readonly cidrs: { readonly path: SettingPath; readonly ranges: readonly string[] };
  readonly ports?: { readonly path: SettingPath; readonly list: readonly number[] };
}

/** Servers that the program's own network policies would cut off: their address or port is not among what is opened. */
export function outsideServerRules({ settings }: RuleInput): Violation[] {
  return outsideServers(settings)
    .filter(({ used }) => used)
    .flatMap((server) => [...addressRules(server), ...portRules(server)]);
}

function addressRules({ path, host, cidrs }: OutsideServer): Violation[] {
  const version = isIP(host);
  // Which address a name has nobody knows before it is asked for.
  if (version === 0 || cidrs.ranges.some((range) => contains(range, `${host}/${version === 4 ? 32 : 128}`))) {
    return [];
  }
  return [
    {
      paths: [path, cidrs.path],
      reason: "The address lies in none of the ranges, so the network policies would let nobody get there.",
      remedy: `Add ${host}/${version === 4 ? 32 : 128} or a range around it, or correct the address.`,
    },
  ];
}

function portRules({ path, port, ports }: OutsideServer): Violation[] {
  return port === undefined || ports === undefined || ports.list.includes(port)
    ? []
    : [
        {
          paths: [path, ports.path],
          reason: `The port ${port} is not among the ports, so the network policies would let nobody get there.`,
          remedy: "Add it, or correct the address.",
        },
      ];
}

/** Everything in the settings that pods talk to outside the cluster. */
function outsideServers(settings: Settings): OutsideServer[] {
  return [
    ...opencheckerServers(settings),
    ...harborServers(settings),
    ...databaseServers(settings),
    ...kpaasServers(settings),
    ...mailServers(settings),
    ...sealServers(settings),
    ...modelServers(settings),
  ];
}

function mailServers({ keycloak, kpaas }: Settings): OutsideServer[] {
  const used = keycloak.enabled && keycloak.external === undefined && kpaas.enabled;
  return hostServer(["keycloak", "realm", "mail"], keycloak.realm.mail, used);
}

/** A section with `host`, `port` and `cidrs`. */
function hostServer(
  path: SettingPath,
  server: { readonly host: string; readonly cidrs: readonly string[] } | undefined,
  used: boolean,
): OutsideServer[] {
  return server === undefined
    ? []
    : [
        {
          used,
          path: [...path, "host"],
          host: server.host,
          cidrs: { path: [...path, "cidrs"], ranges: server.cidrs },
        },
      ];
}

/** A section with a URL, `cidrs` and perhaps `ports`. */
function urlServer(
  path: SettingPath,
  key: string,
  url: string | undefined,
  opened: { readonly cidrs: readonly string[]; readonly ports?: readonly number[] } | undefined,
  used: boolean,
  openedPath: SettingPath = path,
): OutsideServer[] {
  return url === undefined || opened === undefined
    ? []
    : [
        {
          used,
          path: [...path, key],
          ...placeOfUrl(url),
          cidrs: { path: [...openedPath, "cidrs"], ranges: opened.cidrs },
          ...(opened.ports !== undefined && { ports: { path: [...openedPath, "ports"], list: opened.ports } }),
        },
      ];
}

function opencheckerServers({ openchecker, rabbitmq }: Settings): OutsideServer[] {
  return [
    ...hostServer(["openchecker", "sonarqube", "external"], openchecker.sonarqube?.external, openchecker.enabled),
    ...hostServer(["rabbitmq", "external"], rabbitmq.external, openchecker.enabled),
  ];
}

function harborServers({ harbor }: Settings): OutsideServer[] {
  const own = harbor.enabled && harbor.external === undefined;
  const { external, database, redis, storage, proxy } = harbor;
  const REDIS: SettingPath = ["harbor", "redis", "external"];
  const sentinels = (redis.external?.sentinel?.addresses ?? []).flatMap((address, index): OutsideServer[] => {
    const { host, port } = placeOfUrl(`http://${address}`);
    const { cidrs = [], port: server = 0, ports = [server] } = redis.external ?? {};
    return [
      {
        used: own,
        path: [...REDIS, "sentinel", "addresses", index],
        host,
        port,
        cidrs: { path: [...REDIS, "cidrs"], ranges: cidrs },
        ports: { path: [...REDIS, "ports"], list: ports },
      },
    ];
  });
  const { host, port, cidrs, ports } = redis.external ?? {};
  const server: OutsideServer[] =
    host === undefined || cidrs === undefined || redis.external?.sentinel !== undefined
      ? []
      : [
          {
            used: own,
            path: [...REDIS, "host"],
            host,
            port,
            cidrs: { path: [...REDIS, "cidrs"], ranges: cidrs },
            ...(ports !== undefined && { ports: { path: [...REDIS, "ports"], list: ports } }),
          },
        ];
  return [
    ...urlServer(
      ["harbor", "external"],
      "host",
      external && `${external.scheme}://${external.host}`,
      external,
      harbor.enabled,
    ),
    ...hostServer(["harbor", "database", "external"], database.external, own),
    ...server,
    ...sentinels,
    ...urlServer(["harbor", "storage", "s3"], "endpoint", storage.s3?.endpoint, storage.s3, own),
    ...urlServer(["harbor", "proxy"], "http", proxy?.http, proxy, own),
    ...urlServer(["harbor", "proxy"], "https", proxy?.https, proxy, own),
  ];
}

function databaseServers(settings: Settings): OutsideServer[] {
  const { sonarqube, kubekloud, mariadb, kpaas } = settings;
  return [
    ...hostServer(
      ["sonarqube", "database", "external"],
      sonarqube.database.external,
      settings.openchecker.enabled && sonarqube.enabled && settings.openchecker.sonarqube === undefined,
    ),
    ...hostServer(["kubekloud", "database", "external"], kubekloud.database.external, kubekloud.enabled),
    ...hostServer(["mariadb", "external"], mariadb.external, kpaas.enabled),
  ];
}

function kpaasServers({ kpaas, keycloak, vault, chartmuseum, pipeline, cluster }: Settings): OutsideServer[] {
  const { clusters } = kpaas.portal;
  const { plugins } = pipeline.jenkins;
  const mirror = plugins.from === "updateSite" ? plugins : undefined;
  const broker = pipeline.enabled && pipeline.broker.enabled;
  return [
    ...urlServer(["keycloak", "external"], "issuer", keycloak.external?.issuer, keycloak.external, keycloak.enabled),
    ...urlServer(["vault", "external"], "url", vault.external?.url, vault.external, kpaas.enabled),
    ...urlServer(
      ["chartmuseum", "external"],
      "url",
      chartmuseum.external?.url,
      chartmuseum.external,
      kpaas.enabled && chartmuseum.enabled,
    ),
    ...urlServer(
      ["kpaas", "hostCluster"],
      "apiUrl",
      kpaas.hostCluster.apiUrl,
      {
        cidrs: [...cluster.apiServer.cidrs, ...clusters.cidrs],
        ports: [...cluster.apiServer.ports, ...clusters.ports],
      },
      kpaas.enabled,
      ["cluster", "apiServer"],
    ),
    ...urlServer(["pipeline", "jenkins", "plugins"], "url", mirror?.url, mirror, pipeline.enabled),
    ...urlServer(["pipeline", "cloudFoundry"], "url", pipeline.cloudFoundry?.url, pipeline.cloudFoundry, broker),
    ...(kpaas.nodeAddress === undefined
      ? []
      : [
          {
            used: kpaas.enabled && kpaas.portal.terraman.enabled && kpaas.portal.terraman.machines.length > 0,
            path: ["kpaas", "nodeAddress"],
            host: kpaas.nodeAddress,
            port: 22,
            cidrs: { path: ["kpaas", "portal", "terraman", "machines"], ranges: kpaas.portal.terraman.machines },
            ports: { path: ["kpaas", "portal", "terraman", "ports"], list: kpaas.portal.terraman.ports },
          },
        ]),
  ];
}

function sealServers({ vault, kpaas }: Settings): OutsideServer[] {
  const { seal } = vault;
  if (seal.type === "shamir") {
    return [];
  }
  const addresses = Object.entries(seal.parameters).filter(([, value]) => /^https?:\/\//.test(String(value)));
  return addresses.flatMap(([key, url]) =>
    urlServer(["vault", "seal", "parameters"], key, url, seal.server, kpaas.enabled && vault.external === undefined, [
      "vault",
      "seal",
      "server",
    ]),
  );
}

/** Language models: without ranges of their own they are looked for among what is open anyway. */
function modelServers({ openchecker, openhands }: Settings): OutsideServer[] {
  const { chatbot } = openchecker;
  const { languageModel } = openhands;
  const isClosed = (url: string, blocked: readonly string[]): boolean => {
    const { host } = placeOfUrl(url);
    return isIP(host) === 4 && blocked.some((range) => contains(range, `${host}/32`));
  };
  return [
    ...(chatbot !== undefined &&
    (chatbot.cidrs.length > 0 || isClosed(chatbot.baseUrl, openchecker.agents.egress.blockedCidrs))
      ? urlServer(["openchecker", "chatbot"], "baseUrl", chatbot.baseUrl, chatbot, openchecker.enabled)
      : []),
    ...(languageModel?.url !== undefined &&
    (languageModel.cidrs.length > 0 || isClosed(languageModel.url, openhands.blockedCidrs))
      ? urlServer(["openhands", "languageModel"], "url", languageModel.url, languageModel, openhands.enabled)
      : []),
  ];
}
