import { profiles } from "../../components/kpaas/profiles";
import { kpaasExposure, kpaasHost } from "../composition/kpaas-addresses";
import type { SettingPath } from "./paths";
import type { Settings } from "./schema";

/** A host name that a system asks for, and the setting that it comes from. */
export interface NamedHost {
  readonly path: SettingPath;
  readonly host: string;
}

/** A namespace that a system makes, and the setting that its name comes from. */
export interface NamedNamespace {
  readonly path: SettingPath;
  readonly name: string;
  /** Whether this stack makes it. */
  readonly used: boolean;
}

/** Services that have a host name where the exposure is an ingress. */
const services = ["portal", "keycloak", "vault", "chartmuseum", "pipeline", "scm"] as const;

/** All host names behind the ingress controller. */
export function ownHosts(settings: Settings): NamedHost[] {
  const { openchecker, harbor, kubekloud, sonarqube, openhands } = settings;
  const hosts: NamedHost[] = [];
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
  if (sonarQubeIsOwn(settings) && sonarqube.exposure.type === "ingress") {
    hosts.push({ path: ["sonarqube", "exposure", "host"], host: sonarqube.exposure.host });
  }
  if (openhands.enabled && openhands.exposure.type === "ingress") {
    hosts.push({ path: ["openhands", "exposure", "host"], host: openhands.exposure.host });
  }
  hosts.push(...kpaasHosts(settings));
  return hosts;
}

/** All namespaces of the settings, and the one of the ingress controller, which nobody else may take. */
export function ownNamespaces(settings: Settings): NamedNamespace[] {
  const { cluster, nfs, rabbitmq, openchecker, harbor, kubekloud, sonarqube, openhands } = settings;
  const ownHarbor = harbor.enabled && harbor.external === undefined;
  return [
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
    { path: ["sonarqube", "namespace"], name: sonarqube.namespace, used: sonarQubeIsOwn(settings) },
    ...kpaasNamespaces(settings),
    { path: ["openhands", "namespace"], name: openhands.namespace, used: openhands.enabled },
    { path: ["openhands", "sandboxNamespace"], name: openhands.sandboxNamespace, used: openhands.enabled },
    { path: ["cluster", "ingress", "controllerNamespace"], name: cluster.ingress.controllerNamespace, used: true },
  ];
}

/** Host names that K-PaaS asks for, with the setting that they come from. */
export function kpaasHosts({ kpaas }: Settings): NamedHost[] {
  return kpaas.enabled && kpaasExposure(kpaas) === "ingress" && kpaas.domain !== undefined
    ? services.map((service) => ({ path: ["kpaas", "domain"], host: kpaasHost(kpaas, service) }))
    : [];
}

/** Namespaces that K-PaaS makes besides those of sections of their own. */
function kpaasNamespaces({ kpaas, pipeline, sourceControl }: Settings): NamedNamespace[] {
  const { mariadb, keycloak, vault, chartMuseum, ...suites } = profiles[kpaas.profile];
  return [
    { path: ["kpaas", "portal", "namespace"], name: kpaas.portal.namespace, used: kpaas.enabled },
    ...[mariadb, keycloak, vault, chartMuseum].map(({ namespace }) => ({
      path: ["kpaas", "profile"],
      name: namespace,
      used: kpaas.enabled,
    })),
    { path: ["pipeline", "enabled"], name: suites.pipeline.namespace, used: pipeline.enabled },
    { path: ["sourceControl", "enabled"], name: suites.scm.namespace, used: sourceControl.enabled },
  ];
}

/** Whether the platform runs a SonarQube of its own. */
export function sonarQubeIsOwn({ openchecker, sonarqube }: Settings): boolean {
  return openchecker.enabled && openchecker.sonarqube === undefined && sonarqube.enabled;
}
