import type { Endpoint, NamespaceBinding } from "../../components/contracts";
import type { JenkinsSettings } from "../../components/kpaas/jenkins";
import { privilegedBuildsNamespace } from "../../components/kpaas/jenkins-pod";
import { jenkinsPorts, PIPELINE_SYSTEM, pipelinePrograms } from "../../components/kpaas/pipeline-applications";
import { pipelineProfiles } from "../../components/kpaas/pipeline-environment";
import { PipelineSuite } from "../../components/kpaas/pipeline-suite";
import type { InspectionServer, PipelineBroker } from "../../components/kpaas/pipeline-suite-args";
import { SOURCE_CONTROL_SYSTEM, sourceControlFacts } from "../../components/kpaas/source-control-applications";
import type { Account } from "../../components/kpaas/source-control-suite-args";
import { privateRanges } from "../../components/kubernetes/address-range";
import { imageExceptions, imageReference, imageVersion } from "../../components/registry/pushed-image";
import type { Registry } from "./harbor";
import { ingressEndpoint } from "./ingress-endpoint";
import { ADMINISTRATOR_GROUP, ADMINISTRATOR_ROLE } from "./keycloak";
import { kpaasAddress, kpaasProfile, nodeEndpoint, nodeUrl } from "./kpaas-addresses";
import type { SharedServices } from "./shared-services";
import type { Site } from "./site";
import { imagesOf, pushNote } from "./suite-images";

/** What the suite takes from other systems. */
export interface PipelineSurroundings extends Pick<SharedServices, "certificate" | "database" | "identity"> {
  /** Made by {@link composePipelineNamespace}. */
  readonly namespace: NamespaceBinding;
  readonly registry: Registry;
  /** Login at the API of the platform's own Harbor. @default that of the settings */
  readonly registryAdministrator: Account | undefined;
  /** The platform's SonarQube, with a user who may make projects, gates and profiles. */
  readonly inspection: InspectionServer;
}

/** The namespace of the suite; SonarQube puts a token for Jenkins there. */
export function composePipelineNamespace(site: Site): NamespaceBinding {
  const { kpaas, pipeline } = site.settings;
  return site.namespace(kpaasProfile(kpaas).pipeline.namespace, PIPELINE_SYSTEM, {
    holdsData: true,
    ...(pipeline.jenkins.builds === "privileged" && {
      podSecurity: "privileged",
      exceptions: privilegedBuildsNamespace,
    }),
  });
}

/** The Pipeline suite of K-PaaS. */
export function composePipeline(site: Site, surroundings: PipelineSurroundings): void {
  const { cluster, kpaas, lifecycle, pipeline } = site.settings;
  const { namespace, registry, certificate, database, identity, inspection } = surroundings;
  const { images } = pipeline;
  const registryAdministrator = pipeline.registryAdministrator ?? surroundings.registryAdministrator;
  const { administration } = identity;
  if (registryAdministrator === undefined || administration === undefined) {
    throw new Error("The Pipeline suite has no administrator of the registry or of Keycloak."); // the rules refuse it before
  }
  const profile = kpaasProfile(kpaas);
  const { exposure, url } = kpaasAddress(kpaas, "pipeline");
  if (exposure.type === "ingress") {
    certificate?.binding(namespace, [exposure.host]);
  }
  const login = registry.pull(images.project);
  const keycloakPort = profile.keycloak.nodePort;
  const suite = new PipelineSuite(
    "pipeline",
    {
      namespace,
      profile: pipelineProfiles[kpaas.profile],
      registry: login,
      registryAdministrator,
      images: imagesOf(pipelinePrograms, images, site.pullPushed),
      architecture: images.architecture,
      awaitReady: pipeline.imageGate === "await",
      databases: {
        "cp-pipeline-common-api": database.endpoint("pipelineCommonApi"),
        "cp-pipeline-config-server": database.endpoint("pipelineConfigServer"),
      },
      identity: {
        client: identity.client("pipeline"),
        realm: (identity.realm ?? profile.realm).name,
        administrator: administration,
        administratorRole: ADMINISTRATOR_ROLE,
        administratorGroup: ADMINISTRATOR_GROUP,
      },
      inspection,
      jenkins: jenkinsOf(site, registry),
      exposure:
        exposure.type === "ingress"
          ? { type: "ingress", host: exposure.host, tls: exposure.tls }
          : { type: "nodePort", internal: pipeline.internalNodePorts },
      url,
      keycloakNode: nodeEndpoint(kpaas, keycloakPort === undefined ? [] : [keycloakPort]),
      ingress: site.ingress,
      clusterDomain: cluster.domain,
      resources: pipeline.resources,
      lifecycle,
      broker: brokerOf(site, surroundings),
    },
    site.options,
  );
  site.add(PIPELINE_SYSTEM, suite);
  site.credentials["jenkins"] = suite.jenkinsLogin;
  if (exposure.type !== "ingress" && pipeline.internalNodePorts) {
    site.urls["jenkins"] = nodeUrl(kpaas, jenkinsPorts.nodePort);
  }
  const named = { name: "the Pipeline suite", page: "docs/pipeline.md" };
  site.notes.push(pushNote(named, suite.imageReferences, login.host, registry.push(images.project)?.username));
}

function jenkinsOf(site: Site, registry: Registry): JenkinsSettings {
  const { kpaas, pipeline } = site.settings;
  const { image, plugins, egress, storage, ...jenkins } = pipeline.jenkins;
  const { project } = pipeline.images;
  // A login that pushes where there is one: Jenkins's builds end in the registry.
  const login = registry.push(project) ?? registry.pull(project);
  return {
    ...jenkins,
    image: image === undefined ? officialImage(site) : pushedImage(site, login.host, image),
    plugins,
    registry: login,
    storage: { size: storage.size, class: storage.class ?? kpaas.storageClass },
    outside: [
      ...(plugins.from === "updateSite" ? [outside("Jenkins update site", plugins.cidrs, plugins.ports)] : []),
      ...egress.map(({ name, cidrs, ports }) => outside(name, cidrs, ports)),
      ...(site.settings.sourceControl.enabled ? sourceControlWays(site) : []),
    ],
  };
}

/** How builds reach the repositories of the Source Control suite by its public address. */
function sourceControlWays(site: Site): Endpoint[] {
  const { cluster, kpaas } = site.settings;
  const { namespace } = kpaasProfile(kpaas).scm;
  if (kpaasAddress(kpaas, "scm").exposure.type === "ingress") {
    return [ingressEndpoint(cluster, "https")];
  }
  const manager = sourceControlFacts["cp-source-control-manager"];
  const node = nodeEndpoint(kpaas, [manager.nodePort]);
  const peer = { namespace, podLabels: { app: "cp-source-control-manager" } };
  return [...(node === undefined ? [] : [node]), { system: SOURCE_CONTROL_SYSTEM, ports: [manager.port], peer }];
}

function officialImage(site: Site): JenkinsSettings["image"] {
  return { ...site.image("jenkins"), exceptions: {}, published: true };
}

function pushedImage(
  site: Site,
  host: string,
  { repository, ...version }: NonNullable<Site["settings"]["pipeline"]["jenkins"]["image"]>,
): JenkinsSettings["image"] {
  const { project, architecture } = site.settings.pipeline.images;
  const image = { repository: `${project}/${repository}`, ...version, ...site.pullPushed };
  return {
    reference: imageReference(host, image),
    version: imageVersion(image),
    exceptions: imageExceptions(image),
    architecture,
    ...site.pullPushed,
    published: false,
  };
}

function brokerOf(site: Site, { database }: PipelineSurroundings): PipelineBroker | undefined {
  const { broker, cloudFoundry } = site.settings.pipeline;
  const { enabled, exposure } = broker;
  return enabled && exposure !== undefined && cloudFoundry !== undefined
    ? {
        database: database.endpoint("pipelineBroker"),
        exposure: { type: exposure.type },
        clients:
          exposure.type === "clusterIp" ? { namespace: exposure.namespace, podLabels: exposure.podLabels } : undefined,
        cloudFoundry: {
          url: cloudFoundry.url,
          server: outside("Cloud Foundry API", cloudFoundry.cidrs, cloudFoundry.ports),
        },
      }
    : undefined;
}

/** Servers outside of the cluster. The whole Internet is without the ranges that are nobody's there. */
function outside(system: string, cidrs: readonly string[], ports: readonly number[]): Endpoint {
  const all = cidrs.length === 1 && cidrs[0] === "0.0.0.0/0";
  return { system, ports, peer: { cidrs, ...(all && { except: privateRanges }) } };
}
