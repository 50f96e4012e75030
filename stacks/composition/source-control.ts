import { scmManagerNamespace } from "../../components/kpaas/scm-manager-pod";
import {
  SOURCE_CONTROL_SYSTEM,
  sourceControlApplications,
  sourceControlFacts,
} from "../../components/kpaas/source-control-applications";
import { sourceControlProfiles } from "../../components/kpaas/source-control-environment";
import { SourceControlSuite } from "../../components/kpaas/source-control-suite";
import type { SourceControlBroker } from "../../components/kpaas/source-control-suite-args";
import type { Registry } from "./harbor";
import { ingressEndpoint } from "./ingress-endpoint";
import { ADMINISTRATOR_GROUP, ADMINISTRATOR_ROLE } from "./keycloak";
import { kpaasAddress, kpaasProfile, nodeEndpoint, nodeUrl } from "./kpaas-addresses";
import type { SharedServices } from "./shared-services";
import type { Site } from "./site";
import { imagesOf, pushNote } from "./suite-images";

/** What the suite takes from other systems. */
export interface SourceControlSurroundings extends Pick<SharedServices, "certificate" | "database" | "identity"> {
  readonly registry: Registry;
}

/** The Source Control suite of K-PaaS. */
export function composeSourceControl(site: Site, surroundings: SourceControlSurroundings): void {
  const { cluster, kpaas, lifecycle, sourceControl } = site.settings;
  const { registry, certificate, database, identity } = surroundings;
  const { images, manager } = sourceControl;
  const profile = kpaasProfile(kpaas);
  const namespace = site.namespace(profile.scm.namespace, SOURCE_CONTROL_SYSTEM, {
    holdsData: true,
    podSecurity: "baseline",
    exceptions: scmManagerNamespace,
  });
  const { exposure, url } = kpaasAddress(kpaas, "scm");
  const tls = exposure.type === "ingress" ? certificate?.binding(namespace, [exposure.host]) : undefined;
  const login = registry.pull(images.project);
  const suite = new SourceControlSuite(
    "source-control",
    {
      namespace,
      profile: sourceControlProfiles[kpaas.profile],
      registry: login,
      images: imagesOf(sourceControlApplications, images, site.pullPushed),
      architecture: images.architecture,
      awaitReady: sourceControl.imageGate === "await",
      database: database.endpoint("sourceControlApi"),
      identity: {
        client: identity.client("sourceControl"),
        realm: (identity.realm ?? profile.realm).name,
        administratorRole: ADMINISTRATOR_ROLE,
        administratorGroup: ADMINISTRATOR_GROUP,
      },
      manager: {
        administrator: manager.administrator,
        storage: { size: manager.storage.size, class: manager.storage.class ?? kpaas.storageClass },
      },
      exposure:
        exposure.type === "ingress"
          ? { type: "ingress", host: exposure.host, tls: exposure.tls }
          : { type: "nodePort" },
      urls: {
        ui: url,
        manager:
          exposure.type === "ingress" ? url : nodeUrl(kpaas, sourceControlFacts["cp-source-control-manager"].nodePort),
      },
      managerReachedThrough:
        exposure.type === "ingress"
          ? ingressEndpoint(cluster, "https")
          : nodeEndpoint(kpaas, [sourceControlFacts["cp-source-control-manager"].nodePort]),
      keycloakNode: nodeEndpoint(kpaas, profile.keycloak.nodePort === undefined ? [] : [profile.keycloak.nodePort]),
      certificateAuthority: tls?.certificateAuthority,
      ingress: site.ingress,
      clusterDomain: cluster.domain,
      resources: sourceControl.resources,
      lifecycle,
      broker: brokerOf(site, surroundings),
    },
    site.options,
  );
  site.add(SOURCE_CONTROL_SYSTEM, suite);
  const named = { name: "the Source Control suite", page: "docs/source-control.md" };
  site.notes.push(pushNote(named, suite.imageReferences, login.host, registry.push(images.project)?.username));
}

function brokerOf(site: Site, { database, identity }: SourceControlSurroundings): SourceControlBroker | undefined {
  const { enabled, exposure } = site.settings.sourceControl.broker;
  const { administration } = identity;
  return enabled && exposure !== undefined && administration !== undefined
    ? {
        database: database.endpoint("sourceControlBroker"),
        keycloakAdministrator: administration,
        exposure: { type: exposure.type },
        clients:
          exposure.type === "clusterIp" ? { namespace: exposure.namespace, podLabels: exposure.podLabels } : undefined,
      }
    : undefined;
}
