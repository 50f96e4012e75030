import type {
  BrokerManagementEndpoint,
  NamespaceBinding,
  Peer,
  SonarEndpoint,
  StorageBinding,
} from "../../components/contracts";
import { AgentPool } from "../../components/openchecker/agent-pool";
import type { AgentScaling } from "../../components/openchecker/agent-scaling";
import { CompassProxies } from "../../components/openchecker/compass-proxies";
import { externalSonar } from "../../components/openchecker/external-sonar";
import { OpenCheckerMain } from "../../components/openchecker/openchecker-main";
import { NfsStorage } from "../../components/storage/nfs-storage";
import { type AgentPoolSettings, agentPools } from "../settings";
import type { Broker } from "./broker";
import type { Site } from "./site";
import { composeSonarQube, type PlatformSonar } from "./sonarqube";

/**
 * OpenChecker: the volume of the seed, the API, one Deployment per worker pool, and the optional proxies.
 * @param pipeline namespace of the Pipeline suite, which uses the same SonarQube
 */
export function composeOpenChecker(
  site: Site,
  broker: Broker,
  pipeline: NamespaceBinding | undefined,
): PlatformSonar | undefined {
  const { settings } = site;
  const { openchecker, nfs, lifecycle } = settings;
  const namespace = site.namespace(openchecker.namespace, "openchecker", { holdsData: true });
  const storage = new NfsStorage(
    "openchecker-storage",
    {
      namespace,
      system: "openchecker",
      volumeName: "openchecker-pv",
      claimName: "openchecker-pvc",
      size: openchecker.storage.size,
      storageClass: nfs.storageClass,
      server: nfs.server,
      path: openchecker.storage.path,
      mountOptions: nfs.mountOptions,
      lifecycle,
    },
    site.options,
  );
  const main = new OpenCheckerMain(
    "openchecker-main",
    {
      namespace,
      image: site.image("openchecker-main"),
      ...openchecker.main,
      broker: broker.main,
      storage: storage.binding,
      exposure: openchecker.exposure,
      ingress: site.ingress,
      ...optional("issuer", site.issuerFor(openchecker.exposure)),
      user: openchecker.user,
      tokenMinutes: openchecker.token.expiresMinutes,
    },
    site.options,
  );
  site.add("openchecker", main);
  site.credentials["openchecker"] = { username: main.user, password: main.password };

  const platformSonar = openchecker.sonarqube === undefined ? composeSonarQube(site, namespace, pipeline) : undefined;
  const sonar =
    openchecker.sonarqube === undefined ? platformSonar?.openchecker : externalSonar(openchecker.sonarqube.external);
  for (const pool of agentPools(openchecker.agents)) {
    composeAgentPool(site, pool, { namespace, broker, storage: storage.binding, sonar });
  }
  if (openchecker.compassProxies.enabled) {
    composeCompassProxies(site);
  }
  return platformSonar;
}

interface AgentPoolNeeds {
  readonly namespace: ReturnType<Site["namespace"]>;
  readonly broker: Broker;
  readonly storage: StorageBinding;
  readonly sonar: SonarEndpoint | undefined;
}

function composeAgentPool(site: Site, pool: AgentPoolSettings, needs: AgentPoolNeeds): void {
  const { cluster, openchecker } = site.settings;
  const { egress } = openchecker.agents;
  const agents = new AgentPool(
    pool.name,
    {
      namespace: needs.namespace,
      deployment: pool.name,
      image: site.image("openchecker-agent", pool.image),
      generation: pool.generation,
      scaling: agentScaling(pool, cluster.keda, needs.broker.scaler),
      resources: pool.resources,
      nodeSelector: pool.nodeSelector,
      tolerations: pool.tolerations,
      terminationGraceSeconds: pool.terminationGraceSeconds,
      broker: needs.broker.worker,
      storage: needs.storage,
      ...optional("sonar", needs.sonar),
      ...optional("chatbot", openchecker.chatbot),
      codeHosts: openchecker.tokens,
      ...optional("ohpm", openchecker.ohpm),
      egress: {
        ports: egress.ports,
        blockedCidrs: [...egress.blockedCidrs, ...cluster.podCidrs, ...cluster.serviceCidrs],
        allowedCidrs: egress.callbackCidrs,
        ...(openchecker.chatbot !== undefined && {
          languageModel: { port: portOf(openchecker.chatbot.baseUrl), cidrs: openchecker.chatbot.cidrs },
        }),
      },
    },
    site.options,
  );
  site.add(pool.name, agents);
}

/** The port that a URL leads to. */
function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === "" ? ({ "http:": 80, "https:": 443 }[protocol] ?? 443) : Number(port);
}

function agentScaling(pool: AgentPoolSettings, keda: Peer, scaler: BrokerManagementEndpoint | undefined): AgentScaling {
  switch (pool.autoscaling.type) {
    case "none":
      return { type: "fixed", replicas: pool.replicas };
    case "queue":
      if (scaler === undefined) {
        throw new Error("Scaling by the queue without a management login; the settings should have refused that.");
      }
      return { ...pool.autoscaling, keda, broker: scaler };
    default:
      return pool.autoscaling;
  }
}

function composeCompassProxies(site: Site): void {
  const { compassProxies } = site.settings.openchecker;
  const namespace = site.namespace(compassProxies.namespace, "compass", { hasPods: false });
  new CompassProxies("compass", { namespace, ingress: site.ingress, proxies: compassProxies.proxies }, site.options);
}

/** A field that is left out when there is nothing to put into it. */
function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [N in Name]?: Value });
}
