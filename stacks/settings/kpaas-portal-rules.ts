import {
  applicationFacts,
  type PortalApplication,
  portalApplications,
} from "../../components/kpaas/portal-applications";
import { profiles } from "../../components/kpaas/profiles";
import { kpaasExposure } from "../composition/kpaas-addresses";
import type { SettingPath } from "./paths";
import type { Settings } from "./schema";
import type { Violation } from "./violation";

/** Where Terraman looks for the pod of the Portal-API; the name is compiled into its image. */
const TERRAMAN_NAMESPACE = "cp-portal";

const at = (...keys: string[]): SettingPath => ["kpaas", "portal", ...keys];

/** Combinations of the portal's settings that cannot work. */
export function kpaasPortalRules(settings: Settings): Violation[] {
  return [releaseRules, replicaRules, terramanRules, brokerRules, openPortRules].flatMap((rule) => rule(settings));
}

/** Options that the release does not have. */
function releaseRules({ kpaas }: Settings): Violation[] {
  const { catalog, chaos } = kpaas.portal;
  const has = (application: PortalApplication) => profiles[kpaas.profile].portal.environment[application] !== undefined;
  const options: [path: SettingPath, wanted: boolean, application: PortalApplication][] = [
    [at("catalog", "enabled"), catalog.enabled === true, "cp-portal-catalog-api"],
    [at("chaos", "enabled"), chaos.enabled, "cp-portal-chaos-api"],
  ];
  return options
    .filter(([, wanted, application]) => wanted && !has(application))
    .map(([path]) => ({
      paths: [path, ["kpaas", "profile"]],
      reason: "This release of K-PaaS does not have the application.",
      remedy: "Switch it off, or take the profile v1.6.0.",
    }));
}

function replicaRules({ kpaas }: Settings): Violation[] {
  const { replicas, stickySessions } = kpaas.portal;
  const several = portalApplications.filter((application) => (replicas[application] ?? 1) > 1);
  const single = several.flatMap((application): Violation[] => {
    const { single: reason } = applicationFacts[application];
    return reason === undefined
      ? []
      : [
          {
            paths: [at("replicas", application)],
            reason: `There can be one pod only. ${reason}`,
            remedy: "Set 1, or leave it out.",
          },
        ];
  });
  if (!several.includes("cp-portal-ui")) {
    return single;
  }
  const ui: Violation[] = stickySessions
    ? []
    : [
        {
          paths: [at("replicas", "cp-portal-ui"), at("stickySessions")],
          reason: "Each pod of the UI knows only the people who logged in at it.",
          remedy: "Set stickySessions to true, or one pod.",
        },
      ];
  return kpaasExposure(kpaas) === "ingress"
    ? [...single, ...ui]
    : [
        ...single,
        {
          paths: [at("replicas", "cp-portal-ui"), ["kpaas", "exposure"]],
          reason: "Each pod of the UI knows only the people who logged in at it, and a node port sends them anywhere.",
          remedy: "Use the exposure ingress with stickySessions, or one pod.",
        },
      ];
}

function terramanRules({ kpaas }: Settings): Violation[] {
  const { terraman, namespace } = kpaas.portal;
  if (!terraman.enabled) {
    return [];
  }
  const found: Violation[] = [];
  const needs = (path: SettingPath, missing: boolean, reason: string, remedy: string) => {
    if (missing) {
      found.push({ paths: [path, at("terraman", "enabled")], reason, remedy });
    }
  };
  needs(
    at("terraman", "sshPrivateKey"),
    terraman.sshPrivateKey === undefined,
    "Terraman logs in at a node by SSH, and it has no key.",
    "Set sshPrivateKey, encrypted, to the key of the user `ubuntu` there.",
  );
  needs(
    ["kpaas", "nodeAddress"],
    kpaas.nodeAddress === undefined,
    "Terraman logs in at a node by SSH, and nobody knows which.",
    "Set nodeAddress to the address of the first control plane node.",
  );
  needs(
    at("terraman", "machines"),
    terraman.machines.length === 0,
    "No address is open for Terraman, so it could reach neither the node nor new machines.",
    "Set machines to their address ranges.",
  );
  needs(
    at("namespace"),
    namespace !== TERRAMAN_NAMESPACE,
    `Terraman copies files out of a pod in the namespace ${TERRAMAN_NAMESPACE}, a name that its image fixes.`,
    `Use the namespace ${TERRAMAN_NAMESPACE}, or switch Terraman off.`,
  );
  return found;
}

function brokerRules({ kpaas }: Settings): Violation[] {
  const { broker } = kpaas.portal;
  return broker.enabled && broker.exposure === undefined
    ? [
        {
          paths: [at("broker", "exposure"), at("broker", "enabled")],
          reason: "A Cloud Foundry is to call the broker, and nobody knows from where.",
          remedy: "Set exposure: nodePort, or clusterIp with the namespace and the labels of its cloud controller.",
        },
      ]
    : [];
}

/** Ports of the applications that no browser calls can only be open where there are node ports at all. */
function openPortRules({ kpaas }: Settings): Violation[] {
  return kpaas.portal.internalNodePorts && kpaasExposure(kpaas) !== "nodePort"
    ? [
        {
          paths: [at("internalNodePorts"), ["kpaas", "exposure"]],
          reason: "With an ingress nothing is at ports of the nodes.",
          remedy: "Set internalNodePorts to false, or the exposure nodePort.",
        },
      ]
    : [];
}
