import { pipelineNodePorts } from "../../../components/kpaas/pipeline-applications";
import { applicationFacts } from "../../../components/kpaas/portal-applications";
import { profiles } from "../../../components/kpaas/profiles";
import { sourceControlNodePorts } from "../../../components/kpaas/source-control-applications";
import { kpaasExposure, kpaasHost } from "../../composition/kpaas-addresses";
import type { SettingPath } from "../paths";
import type { Settings } from "../schema";
import { type Claim, type Claims, namespaceClaim, nodePortClaim } from "./claim";

/** Services that have a host name where the exposure is an ingress. */
const services = ["portal", "keycloak", "vault", "chartmuseum", "pipeline", "scm"] as const;

const EXPOSURE: SettingPath = ["kpaas", "exposure"];

/** What K-PaaS and its suites claim. Namespaces and ports of the nodes are fixed by its release. */
export const kpaasClaims: Claims = (settings) => [
  ...namespaces(settings),
  ...hosts(settings),
  ...nodePorts(settings),
  ...nodePortClaim(
    ["mariadb", "nodePort"],
    settings.mariadb.nodePort,
    settings.kpaas.enabled && settings.mariadb.external === undefined,
  ),
];

function namespaces({ kpaas, pipeline, sourceControl, keycloak, vault, mariadb, chartmuseum }: Settings): Claim[] {
  const profile = profiles[kpaas.profile];
  const parts: [name: string, used: boolean][] = [
    [profile.mariadb.namespace, mariadb.external === undefined],
    [profile.keycloak.namespace, keycloak.enabled && keycloak.external === undefined],
    [profile.vault.namespace, vault.external === undefined],
  ];
  return [
    namespaceClaim(["kpaas", "portal", "namespace"], kpaas.portal.namespace, kpaas.enabled),
    ...parts.map(([name, used]) => namespaceClaim(["kpaas", "profile"], name, kpaas.enabled && used)),
    namespaceClaim(
      ["chartmuseum", "namespace"],
      chartmuseum.namespace,
      kpaas.enabled && chartmuseum.enabled && chartmuseum.external === undefined,
    ),
    namespaceClaim(["pipeline", "enabled"], profile.pipeline.namespace, pipeline.enabled),
    namespaceClaim(["sourceControl", "enabled"], profile.scm.namespace, sourceControl.enabled),
  ];
}

function hosts({ kpaas }: Settings): Claim[] {
  return kpaasExposure(kpaas) === "ingress" && kpaas.domain !== undefined
    ? services.map((service) => ({
        kind: "host" as const,
        path: ["kpaas", "domain"],
        name: kpaasHost(kpaas, service),
        used: kpaas.enabled,
      }))
    : [];
}

function nodePorts({ kpaas, pipeline, sourceControl }: Settings): Claim[] {
  const { keycloak, vault } = profiles[kpaas.profile];
  const { broker } = kpaas.portal;
  const people = kpaasExposure(kpaas) === "nodePort";
  const byNodePort = (each: typeof broker): boolean => each.enabled && each.exposure?.type === "nodePort";
  const { "cp-portal-service-broker": brokerFacts, ...applications } = applicationFacts;
  const ports: [path: SettingPath, ports: readonly (number | undefined)[], used: boolean][] = [
    [EXPOSURE, [...Object.values(applications), keycloak, vault].map(({ nodePort }) => nodePort), people],
    [["kpaas", "portal", "broker", "exposure"], [brokerFacts.nodePort], byNodePort(broker)],
    [
      EXPOSURE,
      pipelineNodePorts({ people, internal: pipeline.internalNodePorts, broker: byNodePort(pipeline.broker) }),
      pipeline.enabled,
    ],
    [EXPOSURE, sourceControlNodePorts({ people, broker: byNodePort(sourceControl.broker) }), sourceControl.enabled],
  ];
  return ports.flatMap(([path, all, used]) => all.flatMap((port) => nodePortClaim(path, port, kpaas.enabled && used)));
}
