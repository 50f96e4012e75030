import * as pulumi from "@pulumi/pulumi";
import type { NetworkPlace } from "../components/contracts";
import { composeBroker } from "./composition/broker";
import { composeChartMuseum } from "./composition/chartmuseum";
import { composeHarbor } from "./composition/harbor";
import { externalIdentity } from "./composition/keycloak";
import { composeKubeKloud } from "./composition/kubekloud";
import { neededProjects } from "./composition/needed-projects";
import { composeNfsProvisioner } from "./composition/nfs-provisioner";
import { composeOpenChecker } from "./composition/openchecker";
import { composeOpenHands } from "./composition/openhands";
import { composePipeline, composePipelineNamespace } from "./composition/pipeline";
import { composePortal } from "./composition/portal";
import { composeSharedServices, type SharedServices } from "./composition/shared-services";
import { Site } from "./composition/site";
import { composeSourceControl } from "./composition/source-control";
import { stackReadme } from "./readme";
import type { Settings } from "./settings";

/** What a stack tells the world. */
export interface PlatformOutputs {
  /** Addresses for people, by system. */
  readonly urls: Readonly<Record<string, pulumi.Input<string>>>;
  /** Secret. User name and password, by system. */
  readonly credentials: pulumi.Output<Record<string, { username: string; password: string }>>;
  /** PEM of the platform's own certificate authority, when the stack uses it. */
  readonly certificateAuthority?: pulumi.Output<string>;
  /** Markdown for the people who use the stack. */
  readonly readme: pulumi.Output<string>;
}

/** What a run of the program makes. */
export interface Platform {
  readonly outputs: PlatformOutputs;
  /** All pods and every way through the network, for pictures and tests. */
  readonly network: NetworkPlace;
}

/** The identity provider: the platform's own, or the one that the settings name. */
function identityOf({ keycloak }: Settings, services: SharedServices | undefined) {
  return services?.identity ?? (keycloak.external === undefined ? undefined : externalIdentity(keycloak.external));
}

/** The whole platform. Systems meet only here: each takes the contracts of the ones it needs and gives its own. */
export function deployPlatform(stack: string, settings: Settings, options: pulumi.ComponentResourceOptions): Platform {
  const site = new Site(settings, options);
  if (settings.nfs.provisioner.enabled) {
    composeNfsProvisioner(site);
  }
  const services = settings.kpaas.enabled ? composeSharedServices(site) : undefined;
  const identity = identityOf(settings, services);
  const pipeline = settings.pipeline.enabled ? composePipelineNamespace(site) : undefined;
  const sonar = settings.openchecker.enabled ? composeOpenChecker(site, composeBroker(site), pipeline) : undefined;
  const registry = settings.harbor.enabled
    ? composeHarbor(site, {
        // A registry of somebody else has its own way to log in.
        identity:
          settings.harbor.oidc.enabled && settings.harbor.external === undefined
            ? identity?.client("harbor")
            : undefined,
        certificate: services?.certificate,
        projects: neededProjects(settings),
      })
    : undefined;
  if (settings.kubekloud.enabled && registry !== undefined) {
    composeKubeKloud(site, registry);
  }
  if (services !== undefined && registry !== undefined) {
    const charts = settings.chartmuseum.enabled ? composeChartMuseum(site, services.certificate) : undefined;
    composePortal(site, { ...services, registry, charts });
    if (pipeline !== undefined && sonar?.inspection !== undefined) {
      const { inspection } = sonar;
      const registryAdministrator = registry.administrator;
      composePipeline(site, { ...services, namespace: pipeline, registry, registryAdministrator, inspection });
    }
    if (settings.sourceControl.enabled) {
      composeSourceControl(site, { ...services, registry });
    }
  }
  if (settings.openhands.enabled) {
    const client = settings.openhands.login.enabled ? identity?.client("openhands") : undefined;
    composeOpenHands(site, { registry, client });
  }
  site.isolate();

  const { certificateAuthority } = site;
  const outputs = {
    urls: site.urls,
    credentials: pulumi.secret(pulumi.output(site.credentials)),
    ...(certificateAuthority !== undefined && { certificateAuthority }),
    readme: pulumi
      .output(site.urls)
      .apply((urls) => stackReadme(stack, urls, Object.keys(site.credentials), site.notes)),
  };
  return { outputs, network: site };
}
