import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, PersistentVolumeClaim, Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { Connection, LanguageModelEndpoint, NetworkPlace, Workload } from "../contracts";
import type { Exposure } from "../exposure/exposure";
import { WebExposure } from "../exposure/web-exposure";
import { checksumAnnotation } from "../kubernetes/checksum";
import { claim as claimOf } from "../kubernetes/claim";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";
import { applicationConfiguration, applicationVariables } from "./configuration";
import { LoginProxy } from "./login-proxy";
import {
  APPLICATION_PORT,
  applicationObjects,
  applicationPodLabels,
  PULL_SECRET,
  SERVICE_PORT,
  STATE_DIRECTORY,
} from "./names";
import type { OpenHandsArgs, RolloutStrategy } from "./openhands-args";
import { fileKeys, openHandsPod, secretKeys } from "./openhands-pod";
import { OpenHandsSandbox, pullSecret } from "./sandbox";

const seedScript = readFileSync(join(__dirname, "scripts", fileKeys.seed), "utf8");

/**
 * OpenHands: an agent that writes and runs code in sandboxes, which it makes in a namespace of their own. One group of
 * people that trust each other per installation: all of them share its conversations, keys and settings.
 */
export class OpenHands extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** Address for people; undefined where there is none outside the cluster. */
  readonly url: pulumi.Input<string> | undefined;

  constructor(name: string, args: OpenHandsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:openhands:OpenHands", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { namespace, image, languageModel, lifecycle } = args;
    const facts = { system: "openhands", instance: applicationObjects.application };
    // No version among these: the claim outlives it.
    const claimLabels = standardLabels({ ...facts, component: "application" });
    const labels = standardLabels({ ...facts, component: "application", version: image.version });
    const metadata = (objectName: string) => ({ name: objectName, namespace: namespace.name, labels });
    const workload: Workload = {
      system: "openhands",
      name: applicationObjects.application,
      namespace: namespace.plainName,
      podLabels: applicationPodLabels,
    };
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: metadata(applicationObjects.application), automountServiceAccountToken: false },
      fixedName,
    );
    const sandbox = new OpenHandsSandbox(
      `${name}-sandbox`,
      {
        ...args,
        namespace: args.sandboxNamespace,
        application: { workload, namespace, account },
        facts: args.sandbox,
        policy: args.sandboxPolicy,
      },
      { parent: this },
    );
    const claim = new PersistentVolumeClaim(
      `${name}-state`,
      claimOf({
        ...args.storage,
        name: applicationObjects.claim,
        namespace: namespace.name,
        labels: claimLabels,
      }),
      { ...fixedName, protect: lifecycle.protectData, retainOnDelete: lifecycle.retainData },
    );

    const files = {
      [fileKeys.configuration]: configurationFile(args, sandbox.tlsSecret),
      ...(languageModel !== undefined && { [fileKeys.seed]: seedScript }),
    };
    const configuration = new ConfigMap(
      `${name}-configuration`,
      { metadata: metadata(applicationObjects.application), data: files },
      fixedName,
    );
    // It signs logins and encrypts stored keys, so it has to outlive the pods, and be the same in each.
    const signing = new RandomPassword(
      `${name}-signing-key`,
      { length: 64, special: false },
      { parent: this, protect: lifecycle.protectData },
    ).result;
    const secretData = { [secretKeys.signing]: signing };
    const secret = new Secret(
      `${name}-secret`,
      { metadata: metadata(applicationObjects.secret), stringData: secretData },
      fixedName,
    );
    const modelData = languageModel && languageModelVariables(languageModel);
    const modelSecret =
      modelData &&
      new Secret(
        `${name}-language-model`,
        { metadata: metadata(applicationObjects.languageModel), stringData: modelData },
        fixedName,
      );
    const login = args.registry && pullSecret(`${name}-pull-secret`, args.registry, metadata(PULL_SECRET), this);

    new Deployment(
      `${name}-application`,
      {
        metadata: {
          ...metadata(applicationObjects.application),
          annotations: exceptionAnnotations({
            "automount-service-account-token": "The application makes its sandboxes through the Kubernetes API.",
          }),
        },
        spec: {
          replicas: args.replicas,
          strategy: rolloutStrategy(args.strategy),
          revisionHistoryLimit: 5,
          progressDeadlineSeconds: 1200, // the image is large, and a new database is set up at the first start
          selector: { matchLabels: applicationPodLabels },
          template: {
            metadata: {
              labels,
              annotations: checksumAnnotation(pulumi.jsonStringify({ files, secretData, modelData })),
            },
            spec: openHandsPod({
              ...args,
              serviceAccountName: applicationObjects.application,
              claimName: claim.metadata.name,
              configurationName: applicationObjects.application,
              secretName: applicationObjects.secret,
              languageModelName: modelSecret && applicationObjects.languageModel,
              image: login === undefined ? image : { ...image, pullSecrets: [PULL_SECRET, ...image.pullSecrets] },
              variables: applicationVariables({
                stateDirectory: STATE_DIRECTORY,
                url: args.url,
                logLevel: args.logLevel,
              }),
              agentName: args.agent.name,
            }),
          },
        },
      },
      {
        ...fixedName,
        dependsOn: [
          account,
          configuration,
          secret,
          ...(modelSecret === undefined ? [] : [modelSecret]),
          ...(login === undefined ? [] : [login]),
          ...sandbox.ready,
        ], // the first conversation may come at once
        customTimeouts: { create: "25m", update: "25m" },
      },
    );
    if (args.replicas > 1) {
      new PodDisruptionBudget(
        `${name}-budget`,
        { metadata: metadata(applicationObjects.application), spec: oneAtATime(applicationPodLabels) },
        fixedName,
      );
    }

    const web = new WebExposure(
      `${name}-exposure`,
      {
        namespace,
        labels,
        workload,
        serviceName: applicationObjects.application,
        port: SERVICE_PORT,
        target: { name: "http", port: APPLICATION_PORT },
        // With a login in front of it, only that one gets to the application.
        exposure: args.login === undefined ? longLived(args.exposure) : { type: "clusterIp" },
        ingressName: applicationObjects.ingress,
        ingress: args.ingress,
        ...(args.issuer !== undefined && { issuer: args.issuer }),
      },
      { parent: this },
    );
    const proxy = this.addLogin(name, args, { workload, ready: web.ready });
    this.url = args.url ?? web.url;
    this.workloads = [workload, ...sandbox.workloads, ...(proxy?.workloads ?? [])];
    this.connections = [
      { from: workload, to: args.kubernetesApi, ports: args.kubernetesApi.ports },
      ...[...(languageModel === undefined ? [] : [languageModel]), ...args.egress].map((server) => ({
        from: workload,
        to: server,
        ports: server.ports,
      })),
      ...sandbox.connections,
      ...web.connections,
      ...(proxy?.connections ?? []),
    ];
    this.registerOutputs({ url: this.url });
  }

  private addLogin(
    name: string,
    args: OpenHandsArgs,
    { workload, ready }: { readonly workload: Workload; readonly ready: readonly pulumi.Resource[] },
  ): LoginProxy | undefined {
    const { login, url } = args;
    if (login === undefined) {
      return undefined;
    }
    if (url === undefined) {
      throw new pulumi.ResourceError("The login needs the address that people use, to come back to it.", this);
    }
    const host = `${workload.namespace}.svc.${args.clusterDomain}`;
    return new LoginProxy(
      `${name}-login`,
      {
        ...login,
        namespace: args.namespace,
        system: "openhands",
        objectName: applicationObjects.login,
        upstream: {
          workload,
          port: APPLICATION_PORT,
          url: `http://${applicationObjects.application}.${host}:${SERVICE_PORT}/`,
          ready,
        },
        url,
        exposure: longLived(args.exposure),
        ingressName: applicationObjects.ingress,
        ingress: args.ingress,
        issuer: args.issuer,
      },
      { parent: this },
    );
  }
}

function configurationFile(args: OpenHandsArgs, tlsSecret: string | undefined): string {
  const { registry, sandboxImage } = args;
  return applicationConfiguration(args.agent, args.sandbox, {
    namespace: args.sandboxNamespace.plainName,
    image: sandboxImage.reference,
    // The application can name one Secret only.
    pullSecret: registry === undefined ? sandboxImage.pullSecrets[0] : PULL_SECRET,
    tlsSecret,
  });
}

/** The variables that the seed reads. */
function languageModelVariables({ model, url, apiKey }: LanguageModelEndpoint) {
  return { LLM_MODEL: model, LLM_API_KEY: apiKey, ...(url !== undefined && { LLM_BASE_URL: url }) };
}

function rolloutStrategy(strategy: RolloutStrategy) {
  if (strategy.type === "Recreate") {
    return { type: strategy.type };
  }
  const { type, maxUnavailable, maxSurge } = strategy;
  return { type, rollingUpdate: { maxUnavailable, maxSurge } };
}

/** An exposure whose ingress keeps WebSockets open, takes large uploads and lets the login's cookies through. */
function longLived(exposure: Exposure): Exposure {
  return exposure.type !== "ingress"
    ? exposure
    : {
        ...exposure,
        annotations: {
          "nginx.ingress.kubernetes.io/proxy-body-size": "100m",
          "nginx.ingress.kubernetes.io/proxy-buffer-size": "16k",
          "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
          "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
          ...exposure.annotations,
        },
      };
}
