import { pipelineNodePorts } from "../../components/kpaas/pipeline-applications";
import { applicationFacts } from "../../components/kpaas/portal-applications";
import { profiles } from "../../components/kpaas/profiles";
import { sourceControlNodePorts } from "../../components/kpaas/source-control-applications";
import { kpaasExposure } from "../composition/kpaas-addresses";
import type { SettingPath } from "./paths";
import type { Violation } from "./rules";
import type { Settings } from "./schema";

/** Node ports that K-PaaS has and another system asks for. Those of K-PaaS are fixed by its release. */
export function kpaasNodePortRules(settings: Settings): Violation[] {
  const taken = kpaasNodePorts(settings);
  return otherNodePorts(settings)
    .filter(({ port }) => port !== undefined && taken.has(port))
    .map(({ path }) => ({
      paths: [path, ["kpaas", "exposure"]],
      reason: "A node port belongs to one Service of the whole cluster, and this one is K-PaaS's.",
      remedy: "Choose another port.",
    }));
}

function kpaasNodePorts({ kpaas, pipeline, sourceControl }: Settings): ReadonlySet<number | undefined> {
  const { keycloak, vault } = profiles[kpaas.profile];
  const applications = Object.values(applicationFacts);
  const { exposure: broker } = kpaas.portal.broker;
  const people = kpaasExposure(kpaas) === "nodePort";
  const pipelinePorts = pipelineNodePorts({
    people,
    internal: pipeline.internalNodePorts,
    broker: pipeline.broker.enabled && pipeline.broker.exposure?.type === "nodePort",
  });
  const sourceControlPorts = sourceControlNodePorts({
    people,
    broker: sourceControl.broker.exposure?.type === "nodePort",
  });
  return new Set([
    ...(pipeline.enabled ? pipelinePorts : []),
    ...(sourceControl.enabled ? sourceControlPorts : []),
    ...(people ? [...applications, keycloak, vault].map(({ nodePort }) => nodePort) : []),
    ...(broker?.type === "nodePort" ? [applicationFacts["cp-portal-service-broker"].nodePort] : []),
  ]);
}

/** Ports that the settings of other systems name; absent where Kubernetes chooses. */
function otherNodePorts(settings: Settings): { path: SettingPath; port: number | undefined }[] {
  const { harbor, mariadb } = settings;
  const web = (["kubekloud", "openchecker", "sonarqube"] as const).flatMap((system) => {
    const { enabled, exposure } = settings[system];
    return enabled && exposure.type === "nodePort"
      ? [{ path: [system, "exposure", "nodePort"], port: exposure.nodePort }]
      : [];
  });
  const registry =
    harbor.enabled && harbor.external === undefined && harbor.exposure.type === "nodePort"
      ? [
          { path: ["harbor", "exposure", "httpPort"], port: harbor.exposure.httpPort },
          { path: ["harbor", "exposure", "httpsPort"], port: harbor.exposure.httpsPort },
        ]
      : [];
  return [...web, ...registry, { path: ["mariadb", "nodePort"], port: mariadb.nodePort }];
}
