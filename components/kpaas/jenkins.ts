import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, PersistentVolumeClaim, Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ContainerImage } from "../../catalog/resolve";
import type { Connection, Endpoint, NetworkPlace, RegistryEndpoint, Workload } from "../contracts";
import type { Exposure } from "../exposure/exposure";
import { WebExposure } from "../exposure/web-exposure";
import { checksumAnnotation } from "../kubernetes/checksum";
import { claim } from "../kubernetes/claim";
import { exceptionAnnotations, type PolicyExceptions } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import {
  type JenkinsAccess,
  jenkinsConfiguration,
  jenkinsSecrets,
  jenkinsVariables,
  sonarTokenValue,
} from "./jenkins-configuration";
import {
  CONFIGURATION_FILE,
  type JenkinsBuilds,
  type JenkinsPlugins,
  jenkinsExceptions,
  jenkinsPod,
  PLUGINS_FILE,
} from "./jenkins-pod";
import { type ApplicationSuite, applicationWorkload } from "./kpaas-application";
import { JENKINS, jenkinsPorts, PIPELINE_SYSTEM } from "./pipeline-applications";
import type { InspectionServer } from "./pipeline-suite-args";
import { serviceOf } from "./portal-applications";

/** Administrator of Jenkins. */
export const JENKINS_ADMINISTRATOR = "admin";

/** What people choose about Jenkins. */
export interface JenkinsSettings {
  readonly image: ContainerImage & {
    /** For the label. @default unknown */
    readonly version?: string | undefined;
    readonly exceptions: PolicyExceptions;
    /** @default any that the publisher offers */
    readonly architecture?: "amd64" | "arm64" | undefined;
    /** The image is in a registry that has it in any case. False: people have to push it first. */
    readonly published: boolean;
  };
  readonly access: JenkinsAccess;
  readonly builds: JenkinsBuilds;
  readonly plugins: JenkinsPlugins;
  /** Builds that run at a time. */
  readonly executors: number;
  readonly resources: Resources;
  /** The claim: a Kubernetes quantity, and the storage class. @default the cluster's default class */
  readonly storage: { readonly size: string; readonly class?: string | undefined };
  /** Login that pushes what is built. */
  readonly registry: RegistryEndpoint;
  /** What it may reach outside of the platform: its update site, source code, clusters. */
  readonly outside: readonly Endpoint[];
}

export interface JenkinsArgs extends JenkinsSettings {
  readonly suite: Omit<ApplicationSuite, "probes" | "configurationName" | "secretName" | "architecture"> & {
    /** Secret with the login at the platform's registry. */
    readonly pullSecretName: pulumi.Input<string>;
    /** ConfigMap with authorities to trust. @default the public ones have to do */
    readonly authoritiesName: string | undefined;
  };
  readonly password: pulumi.Output<string>;
  /** Address of its Service. */
  readonly url: string;
  readonly inspection: InspectionServer;
  readonly exposure: Exposure;
  readonly lifecycle: { readonly protectData: boolean; readonly retainData: boolean };
}

/** The pods of Jenkins. */
export function jenkinsWorkload(namespace: string): Workload {
  return applicationWorkload(JENKINS, namespace, PIPELINE_SYSTEM);
}

/** The password of Jenkins's administrator, generated. Letters and digits only. */
export function jenkinsPassword(
  name: string,
  { protectData }: { readonly protectData: boolean },
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { result } = new RandomPassword(name, { length: 32, special: false }, { parent, protect: protectData });
  return pulumi.secret(result);
}

/** The CI-Server: one Jenkins whose security, logins and addresses are configuration, on a claim that holds jobs and builds. */
export class Jenkins extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];

  constructor(name: string, args: JenkinsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:kpaas:Jenkins", name, {}, opts);
    const { suite, image, registry, inspection, lifecycle, plugins } = args;
    const { namespace } = suite;
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const workload = jenkinsWorkload(namespace.plainName);
    const facts = { system: PIPELINE_SYSTEM, software: JENKINS, instance: workload.name, component: JENKINS };
    const unversioned = { ...workload.podLabels, ...standardLabels(facts) };
    const labels = {
      ...workload.podLabels,
      ...standardLabels({ ...facts, ...(image.version !== undefined && { version: image.version }) }),
    };
    const metadata = (objectName: string) => ({ name: objectName, namespace: namespace.name, labels: unversioned });

    const { access, executors, url } = args;
    const configured = {
      access,
      executors,
      url,
      administrator: JENKINS_ADMINISTRATOR,
      registryHost: registry.host,
      sonarAddress: `${inspection.host}:${inspection.port}`,
      sonarToken: inspection.token !== undefined,
    };
    const files = {
      [CONFIGURATION_FILE]: jenkinsConfiguration(configured),
      ...(plugins.from === "updateSite" && { [PLUGINS_FILE]: `${plugins.list.join("\n")}\n` }),
    };
    const content = {
      [jenkinsSecrets.password]: args.password,
      [jenkinsSecrets.registryPassword]: registry.password,
      [jenkinsSecrets.registryUsername]: registry.username,
      ...sonarTokenValue(inspection.token),
    };
    const configurationName = `${JENKINS}-configuration`;
    const configuration = new ConfigMap(
      `${name}-configuration`,
      { metadata: metadata(configurationName), data: files },
      fixedName,
    );
    const secret = new Secret(`${name}-secret`, { metadata: metadata(JENKINS), stringData: content }, fixedName);
    const home = new PersistentVolumeClaim(
      `${name}-claim`,
      claim({
        ...args.storage,
        name: JENKINS,
        namespace: namespace.name,
        labels: unversioned, // no version among them: the claim outlives it
        accessMode: "ReadWriteOnce",
      }),
      { ...fixedName, protect: lifecycle.protectData, retainOnDelete: lifecycle.retainData },
    );
    const awaitReady = suite.awaitReady || image.published;
    new Deployment(
      `${name}-deployment`,
      {
        metadata: {
          name: workload.name,
          namespace: namespace.name,
          labels,
          annotations: {
            ...(!awaitReady && { "pulumi.com/skipAwait": "true" }),
            ...exceptionAnnotations({ ...jenkinsExceptions(args.builds), ...image.exceptions }),
          },
        },
        spec: {
          replicas: 1,
          strategy: { type: "Recreate" }, // the claim can be mounted by one node at a time, and the home has one owner
          revisionHistoryLimit: 5,
          selector: { matchLabels: { ...workload.podLabels } },
          template: {
            metadata: { labels, annotations: checksumAnnotation(pulumi.jsonStringify({ files, content })) },
            spec: jenkinsPod({
              ...suite,
              ...args,
              name: JENKINS,
              // Besides its own Secrets that of the suite, for an image in the platform's registry.
              image: { ...image, pullSecrets: [suite.pullSecretName, ...image.pullSecrets] },
              architecture: image.architecture,
              port: jenkinsPorts.port,
              claimName: home.metadata.name,
              configurationName,
              secretName: JENKINS,
              sonarToken: inspection.token,
              variables: jenkinsVariables(configured),
            }),
          },
        },
      },
      // Its credentials: before these are ready, logins at the registry and SonarQube would be refused.
      {
        ...fixedName,
        dependsOn: [configuration, secret, ...suite.ready, ...registry.ready, ...inspection.ready],
        customTimeouts: { create: "20m", update: "20m" },
      },
    );
    const web = new WebExposure(
      name,
      {
        namespace,
        labels,
        workload,
        serviceName: serviceOf(JENKINS),
        port: jenkinsPorts.port,
        target: { name: "http", port: jenkinsPorts.port },
        exposure: args.exposure,
        ingressName: `${JENKINS}-ingress`,
        ingress: suite.ingress,
        awaitReady,
      },
      { parent: this },
    );
    this.workloads = [workload];
    this.connections = [
      ...[registry, inspection, ...args.outside].map((to) => ({ from: workload, to, ports: to.ports })),
      ...web.connections,
    ];
    this.registerOutputs({});
  }
}
