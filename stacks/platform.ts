import * as pulumi from "@pulumi/pulumi";
import type { NetworkPlace } from "../components/contracts";
import { composeBroker } from "./composition/broker";
import { composeHarbor } from "./composition/harbor";
import { composeKubeKloud } from "./composition/kubekloud";
import { composeNfsProvisioner } from "./composition/nfs-provisioner";
import { composeOpenChecker } from "./composition/openchecker";
import { Site } from "./composition/site";
import { stackReadme } from "./readme";
import type { Settings } from "./settings";

/** What a stack tells the world. */
export interface PlatformOutputs {
  /** Addresses for people, by system. */
  readonly urls: Readonly<Record<string, string>>;
  /** Secret. User name and password, by system. */
  readonly credentials: pulumi.Output<Record<string, { username: string; password: string }>>;
  /** PEM of the platform's own certificate authority, when the stack uses it. */
  readonly certificateAuthority?: pulumi.Output<string>;
  /** Markdown for the people who use the stack. */
  readonly readme: string;
}

/** What a run of the program makes. */
export interface Platform {
  readonly outputs: PlatformOutputs;
  /** All pods and every way through the network, for pictures and tests. */
  readonly network: NetworkPlace;
}

/** The whole platform. Systems meet only here: each takes the contracts of the ones it needs and gives its own. */
export function deployPlatform(stack: string, settings: Settings, options: pulumi.ComponentResourceOptions): Platform {
  const site = new Site(settings, options);
  if (settings.nfs.provisioner.enabled) {
    composeNfsProvisioner(site);
  }
  if (settings.openchecker.enabled) {
    const broker = composeBroker(site);
    composeOpenChecker(site, broker);
  }
  if (settings.harbor.enabled) {
    const registry = composeHarbor(site);
    if (settings.kubekloud.enabled) {
      composeKubeKloud(site, registry);
    }
  }
  site.isolate();

  const { certificateAuthority } = site;
  const outputs = {
    urls: site.urls,
    credentials: pulumi.secret(pulumi.output(site.credentials)),
    ...(certificateAuthority !== undefined && { certificateAuthority }),
    readme: stackReadme(stack, site.urls, Object.keys(site.credentials), site.notes),
  };
  return { outputs, network: site };
}
