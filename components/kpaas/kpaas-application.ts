import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerImage } from "../../catalog/resolve";
import type { Connection, NamespaceBinding, Workload } from "../contracts";
import type { Exposure, IngressFacts } from "../exposure/exposure";
import { WebExposure } from "../exposure/web-exposure";
import { checksumAnnotation } from "../kubernetes/checksum";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";
import { imageExceptions, imageVersion, type PushedImage } from "../registry/pushed-image";
import { type ApplicationPodFacts, applicationPod, type SuiteFacts } from "./application-pod";
import type { SuiteObjects } from "./suite-objects";

/** System of the portal suite, as pictures and `npm start` show it. */
export const KPAAS_SYSTEM = "kpaas";

/** A suite that an application belongs to. */
export interface ApplicationSuite extends SuiteFacts {
  /** System of its applications, as pictures and `npm start` show it. @default that of the portal */
  readonly system?: string;
  readonly namespace: NamespaceBinding;
  readonly ingress: IngressFacts;
  /** Wait until the application answers. False: its image may not be in the registry yet. */
  readonly awaitReady: boolean;
  /** What its applications share. */
  readonly ready: readonly pulumi.Resource[];
}

export interface KpaasApplicationArgs extends Omit<ApplicationPodFacts, "name" | "image" | "podLabels"> {
  readonly suite: ApplicationSuite;
  /** Upstream's name, from which all names follow: `cp-portal-api`. */
  readonly application: string;
  readonly image: PushedImage;
  /** The same image with the login that pulls it. */
  readonly containerImage: ContainerImage;
  /** Stop the old pod before the new one starts: for what there may be only one of, and for volumes of one node. */
  readonly recreate: boolean;
  readonly exposure: Exposure;
  /** Secret. Whatever has to restart the pods when it changes: all of the application's variables and files. */
  readonly configuration: pulumi.Input<string>;
  /** What has to be there before the application can start. */
  readonly after: readonly pulumi.Resource[];
}

/** What a suite says of itself to each of its applications. */
export interface ApplicationSuiteFacts
  extends Pick<ApplicationSuite, "namespace" | "ingress" | "awaitReady" | "architecture"> {
  /** The release of K-PaaS. */
  readonly profile: Pick<ApplicationSuite, "probes">;
}

/**
 * The suite as its applications see it.
 * @param objects names of what they share
 * @param system as pictures and `npm start` show it. @default that of the portal
 */
export function applicationSuite(
  { namespace, ingress, awaitReady, profile, architecture }: ApplicationSuiteFacts,
  objects: SuiteObjects,
  system?: string,
): ApplicationSuite {
  return {
    ...objects,
    ...(system !== undefined && { system }),
    namespace,
    ingress,
    awaitReady,
    probes: profile.probes,
    architecture,
  };
}

/** Label and selector of an application's pods (seed). */
export function applicationWorkload(application: string, namespace: string, system = KPAAS_SYSTEM): Workload {
  return {
    system,
    name: `${application}-deployment`,
    namespace,
    podLabels: { app: application },
  };
}

/** One application of a K-PaaS suite, with the names that upstream gives it: Deployment, Service and what exposes it. */
export class KpaasApplication extends pulumi.ComponentResource {
  readonly workload: Workload;
  /** What may reach the pods because of the exposure. */
  readonly connections: readonly Connection[];
  readonly serviceName: string;
  /** The Service. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: KpaasApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:kpaas:KpaasApplication", name, {}, opts);
    const { suite, application, replicas } = args;
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const workload = applicationWorkload(application, suite.namespace.plainName, suite.system);
    const version = imageVersion(args.image);
    const labels = {
      ...workload.podLabels,
      ...standardLabels({
        system: workload.system,
        software: application,
        instance: workload.name,
        component: application,
        ...(version !== undefined && { version }),
      }),
    };
    const metadata = { name: workload.name, namespace: suite.namespace.name, labels };
    new Deployment(
      `${name}-deployment`,
      {
        metadata: {
          ...metadata,
          annotations: {
            ...(!suite.awaitReady && { "pulumi.com/skipAwait": "true" }),
            ...exceptionAnnotations(imageExceptions(args.image)),
          },
        },
        spec: {
          replicas,
          strategy: args.recreate
            ? { type: "Recreate" }
            : { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          revisionHistoryLimit: 5,
          selector: { matchLabels: { ...workload.podLabels } },
          template: {
            metadata: { labels, annotations: checksumAnnotation(args.configuration) },
            spec: applicationPod(suite, {
              ...args,
              name: application,
              image: args.containerImage,
              podLabels: workload.podLabels,
            }),
          },
        },
      },
      { ...fixedName, dependsOn: [...suite.ready, ...args.after], customTimeouts: { create: "15m", update: "15m" } },
    );
    if (replicas > 1) {
      new PodDisruptionBudget(
        `${name}-budget`,
        {
          metadata,
          spec: oneAtATime(workload.podLabels),
        },
        fixedName,
      );
    }
    const web = new WebExposure(
      name,
      {
        namespace: suite.namespace,
        labels,
        workload,
        serviceName: `${application}-service`,
        port: args.port,
        target: { name: "http", port: args.port },
        exposure: args.exposure,
        ingressName: `${application}-ingress`,
        ingress: suite.ingress,
        awaitReady: suite.awaitReady,
      },
      { parent: this },
    );
    this.workload = workload;
    this.serviceName = `${application}-service`;
    this.ready = web.ready;
    this.connections = web.connections;
    this.registerOutputs({});
  }
}
