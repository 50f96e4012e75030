import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerImage } from "../../catalog/resolve";
import type { Connection, NetworkPlace, Workload } from "../contracts";
import type { Exposure } from "../exposure/exposure";
import { WebExposure } from "../exposure/web-exposure";
import { claim } from "../kubernetes/claim";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import { imageExceptions, imageVersion, type PushedImage } from "../registry/pushed-image";
import { type ApplicationSuite, applicationWorkload } from "./kpaas-application";
import { serviceOf } from "./portal-applications";
import { scmManagerExceptions, scmManagerPod } from "./scm-manager-pod";
import { MANAGER_PATH, SOURCE_CONTROL_SYSTEM, sourceControlFacts } from "./source-control-applications";

/** Upstream's name, from which the names of its objects follow. */
const NAME = "cp-source-control-manager";

export interface ScmManagerArgs {
  readonly suite: Omit<ApplicationSuite, "probes" | "configurationName" | "secretName">;
  readonly image: PushedImage;
  /** The same image with the login that pulls it. */
  readonly containerImage: ContainerImage;
  readonly resources: Resources;
  /** The claim: a Kubernetes quantity, and the storage class. @default the cluster's default class */
  readonly storage: { readonly size: string; readonly class?: string | undefined };
  /** Of the address for people; the path `/scm` of its host leads here. */
  readonly exposure: Exposure;
  readonly lifecycle: {
    /** Refuse to delete or replace the claim. */
    readonly protectData: boolean;
    /** Keep the claim in the cluster when it leaves the stack. */
    readonly retainData: boolean;
  };
}

/** SCM-Manager 1.x, the server with the repositories: one pod as root, on a claim that one node at a time can use. */
export class ScmManager extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  /** What may reach the pod because of the exposure. */
  readonly connections: readonly Connection[];

  constructor(name: string, args: ScmManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:kpaas:ScmManager", name, {}, opts);
    const { suite, image, lifecycle, storage } = args;
    const { port } = sourceControlFacts[NAME];
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const workload = applicationWorkload(NAME, suite.namespace.plainName, SOURCE_CONTROL_SYSTEM);
    const facts = { system: SOURCE_CONTROL_SYSTEM, software: NAME, instance: workload.name, component: NAME };
    const version = imageVersion(image);
    const labels = {
      ...workload.podLabels,
      ...standardLabels({ ...facts, ...(version !== undefined && { version }) }),
    };
    const repositories = new PersistentVolumeClaim(
      `${name}-claim`,
      claim({
        ...storage,
        name: NAME,
        namespace: suite.namespace.name,
        labels: standardLabels(facts), // no version among them: the claim outlives it
        accessMode: "ReadWriteOnce",
      }),
      { ...fixedName, protect: lifecycle.protectData, retainOnDelete: lifecycle.retainData },
    );
    new Deployment(
      `${name}-deployment`,
      {
        metadata: {
          name: workload.name,
          namespace: suite.namespace.name,
          labels,
          annotations: {
            ...(!suite.awaitReady && { "pulumi.com/skipAwait": "true" }),
            ...exceptionAnnotations({ ...scmManagerExceptions, ...imageExceptions(image) }),
          },
        },
        spec: {
          replicas: 1,
          strategy: { type: "Recreate" }, // the claim can be mounted by one node at a time
          revisionHistoryLimit: 5,
          selector: { matchLabels: { ...workload.podLabels } },
          template: {
            metadata: { labels },
            spec: scmManagerPod({
              ...suite,
              application: NAME,
              image: args.containerImage,
              port,
              resources: args.resources,
              claimName: repositories.metadata.name,
            }),
          },
        },
      },
      { ...fixedName, dependsOn: [...suite.ready], customTimeouts: { create: "15m", update: "15m" } },
    );
    const web = new WebExposure(
      name,
      {
        namespace: suite.namespace,
        labels,
        workload,
        serviceName: serviceOf(NAME),
        port,
        target: { name: "http", port },
        exposure: admitPushes(args.exposure),
        ingressName: `${NAME}-ingress`,
        path: MANAGER_PATH,
        ingress: suite.ingress,
        awaitReady: suite.awaitReady,
      },
      { parent: this },
    );
    this.workloads = [workload];
    this.connections = web.connections;
    this.registerOutputs({});
  }
}

/** Without these the controller refuses pushes of more than 1 MB and ends those that take more than a minute. */
function admitPushes(exposure: Exposure): Exposure {
  return exposure.type === "ingress"
    ? {
        ...exposure,
        annotations: {
          "nginx.ingress.kubernetes.io/proxy-body-size": "0",
          "nginx.ingress.kubernetes.io/proxy-read-timeout": "900",
          "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
          ...exposure.annotations,
        },
      }
    : exposure;
}
