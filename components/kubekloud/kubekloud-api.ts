import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2";
import { Job } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap, Secret } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type {
  Connection,
  Endpoint,
  Issuer,
  NamespaceBinding,
  NetworkPlace,
  PostgresEndpoint,
  RegistryEndpoint,
  Workload,
} from "../contracts";
import type { Exposure, IngressFacts } from "../exposure/exposure";
import { WebExposure } from "../exposure/web-exposure";
import { scaleByUtilization } from "../kubernetes/autoscaling";
import { checksumAnnotation } from "../kubernetes/checksum";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { contentNamed, runOnce } from "../kubernetes/job";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import {
  containerImage,
  imageExceptions,
  imageReference,
  imageVersion,
  type PushedImage,
} from "../registry/pushed-image";
import { apiRules } from "./access";
import { type ApiPodFacts, apiPod, schemaPod, schemaScript } from "./api-pod";
import { ConfinedAccount } from "./confined-account";
import { apiConfinement } from "./confinement";
import { API_PORT, apiObjects, apiPodLabels, SERVICE_PORT, secretKeys } from "./objects";
import { addAdministrationIngress, type UserAdministration } from "./user-administration";

/** Thirty days, in seconds: how long a schema Job that no run waits for goes on trying. */
const UNATTENDED_DEADLINE = 30 * 86_400;

/**
 * How the schema Job goes on after a failure. Where no run waits for it, none learns of its failure and makes it anew
 * either. So it tries until its deadline, every five minutes in the end, each time with the logins of that moment.
 */
const persistence = {
  await: { deadlineSeconds: 900 },
  // Retries that nobody gets to, so that the deadline alone decides.
  skip: { deadlineSeconds: UNATTENDED_DEADLINE, retries: UNATTENDED_DEADLINE, restartInPlace: true },
} as const;

/** Who decides how many pods there are. */
export type ApiScaling =
  | { readonly type: "fixed"; readonly replicas: number }
  | {
      readonly type: "utilization";
      readonly minReplicas: number;
      readonly maxReplicas: number;
      /** Percent of the CPU request. */
      readonly cpuPercent: number;
      /** Percent of the memory request. */
      readonly memoryPercent: number;
    };

export interface KubeKloudApiArgs {
  readonly namespace: NamespaceBinding;
  /** Login that pulls the image. */
  readonly registry: RegistryEndpoint;
  readonly image: PushedImage;
  /**
   * What an `up` does when the image is not in the registry yet: wait for it, and fail in the end, or go on; the
   * cluster starts the API by itself as soon as the image is there.
   */
  readonly imageGate: "await" | "skip";
  readonly database: PostgresEndpoint;
  /** The postgres image, whose client programs wait for the database. */
  readonly databaseClient: ResolvedImage;
  readonly scaling: ApiScaling;
  /** Of one pod. */
  readonly resources: Resources;
  readonly exposure: Exposure;
  readonly ingress: IngressFacts;
  /** Signs the certificate when the exposure wants a self-made one. */
  readonly issuer?: Issuer;
  readonly userAdministration: UserAdministration;
  /** Address ranges of pods, CIDR. They are no clients of a load balancer, whatever larger range they lie in. */
  readonly podCidrs: readonly string[];
  readonly kubernetesApi: Endpoint;
}

/** KubeKloud: an API that makes a namespace with pods or virtual machines for each cluster that a user asks for. */
export class KubeKloudApi extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  readonly url: pulumi.Input<string> | undefined;
  /** What a push has to call the image. */
  readonly imageReference: string;

  constructor(name: string, args: KubeKloudApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:kubekloud:KubeKloudApi", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { plainName, name: namespace } = args.namespace;
    const { database, registry } = args;
    this.imageReference = imageReference(registry.host, args.image);
    const version = imageVersion(args.image);
    const labelled = (instance: string, component: string) =>
      standardLabels({ system: "kubekloud", instance, component, ...(version !== undefined && { version }) });
    const labels = { ...apiPodLabels, ...labelled(apiObjects.deployment, "api") };
    const metadata = (objectName: string) => ({ name: objectName, namespace, labels });
    const workload = { system: "kubekloud", namespace: plainName };
    const api: Workload = { ...workload, name: apiObjects.deployment, podLabels: apiPodLabels };
    const schemaFacts = { system: "kubekloud", software: "kubekloud-api", instance: apiObjects.schema };
    const schema: Workload = { ...workload, name: apiObjects.schema, podLabels: selectorLabels(schemaFacts) };

    const configurationData = {
      HARBOR_PROJECT: registry.project,
      HARBOR_URL: registry.host,
      K8S_NAMESPACE: "default",
      POSTGRES_DB: database.database,
      POSTGRES_HOST: database.host,
      POSTGRES_PORT: String(database.port),
    };
    const secretData = {
      [secretKeys.user]: database.username,
      [secretKeys.password]: database.password,
      [secretKeys.url]: database.url,
      ...(database.certificateAuthority !== undefined && {
        [secretKeys.certificateAuthority]: database.certificateAuthority,
      }),
    };
    const configuration = new ConfigMap(
      `${name}-configuration`,
      { metadata: metadata(apiObjects.configuration), data: configurationData },
      fixedName,
    );
    const secret = new Secret(
      `${name}-secret`,
      { metadata: metadata(apiObjects.secret), stringData: secretData },
      fixedName,
    );
    const pullSecret = new Secret(
      `${name}-pull-secret`,
      {
        metadata: metadata(apiObjects.pullSecret),
        type: "kubernetes.io/dockerconfigjson",
        stringData: { ".dockerconfigjson": registry.dockerConfigJson },
      },
      { ...fixedName, dependsOn: [...registry.ready] }, // pods wait for it: before, the login would be refused
    );
    const account = new ConfinedAccount(
      `${name}-access`,
      {
        namespace: args.namespace,
        labels: labelled(apiObjects.account, "access"),
        names: apiObjects,
        rules: apiRules,
        confinement: apiConfinement({ namespace: plainName, name: apiObjects.account }),
        exceptions: {
          "access-to-create-pods":
            "Making pods for tenants is what the API is for; an admission policy confines it to their namespaces.",
        },
      },
      { parent: this },
    );
    const podFacts: ApiPodFacts = {
      image: containerImage(registry.host, args.image, apiObjects.pullSecret),
      database,
      databaseClient: args.databaseClient,
      serviceAccountName: apiObjects.account,
      configurationName: apiObjects.configuration,
      secretName: apiObjects.secret,
    };
    const needed = [configuration, secret, pullSecret, ...account.ready, ...database.ready];
    const awaitReady = args.imageGate === "await";
    const gate = awaitReady ? {} : { "pulumi.com/skipAwait": "true" };

    const schemaLabels = labelled(apiObjects.schema, "schema");
    const schemaJob = new Job(
      `${name}-schema`,
      {
        metadata: {
          namespace,
          labels: { ...schemaLabels, ...schema.podLabels },
          name: contentNamed(apiObjects.schema, {
            image: this.imageReference,
            script: schemaScript,
            database: {
              host: database.host,
              port: database.port,
              name: database.database,
              user: database.username,
            },
          }),
          annotations: {
            ...gate,
            ...exceptionAnnotations({
              ...imageExceptions(args.image),
              "job-ttl-seconds-after-finished": "Once gone by itself, the next `up` would make it and run it again.",
            }),
            // A run that waited for it in vain has it made anew by the next `up`.
            ...(awaitReady && { "pulumi.com/replaceUnready": "true" }),
          },
        },
        spec: runOnce({
          labels: { ...schemaLabels, ...schema.podLabels },
          pod: schemaPod(podFacts),
          ...persistence[args.imageGate],
        }),
      },
      { parent: this, dependsOn: needed, customTimeouts: { create: "16m", update: "16m" } },
    );
    const { scaling } = args;
    const deployment = new Deployment(
      `${name}-api`,
      {
        metadata: {
          ...metadata(apiObjects.deployment),
          annotations: {
            ...gate,
            ...exceptionAnnotations({
              ...imageExceptions(args.image),
              "automount-service-account-token": "The API makes the pods of its tenants through the Kubernetes API.",
            }),
          },
        },
        spec: {
          // The autoscaler's own business where there is one.
          ...(scaling.type === "fixed" && { replicas: scaling.replicas }),
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          revisionHistoryLimit: 5,
          selector: { matchLabels: apiPodLabels },
          template: {
            metadata: {
              labels,
              annotations: checksumAnnotation(pulumi.jsonStringify({ configurationData, secretData })),
            },
            spec: apiPod({
              ...podFacts,
              resources: args.resources,
              exposure: args.exposure,
              userAdministration: args.userAdministration,
            }),
          },
        },
      },
      { ...fixedName, dependsOn: [...needed, schemaJob], customTimeouts: { create: "15m", update: "15m" } },
    );
    if (scaling.type === "utilization") {
      new HorizontalPodAutoscaler(
        `${name}-autoscaler`,
        {
          metadata: metadata(apiObjects.autoscaler),
          // Python seldom gives memory back: only what stays low for long is worth taking pods away for.
          spec: scaleByUtilization(apiObjects.deployment, { ...scaling, scaleDownAfterSeconds: 600 }),
        },
        { ...fixedName, dependsOn: [deployment] },
      );
    }
    if ((scaling.type === "fixed" ? scaling.replicas : scaling.minReplicas) > 1) {
      new PodDisruptionBudget(
        `${name}-budget`,
        {
          metadata: metadata(apiObjects.deployment),
          spec: {
            minAvailable: 1,
            selector: { matchLabels: apiPodLabels },
            unhealthyPodEvictionPolicy: "AlwaysAllow",
          },
        },
        fixedName,
      );
    }

    const { exposure, ingress, userAdministration } = args;
    const web = new WebExposure(
      `${name}-exposure`,
      {
        namespace: args.namespace,
        labels,
        workload: api,
        serviceName: apiObjects.service,
        port: SERVICE_PORT,
        target: { name: "http", port: API_PORT },
        exposure,
        ingressName: apiObjects.ingress,
        ingress,
        ...(args.issuer !== undefined && { issuer: args.issuer }),
        ...(!userAdministration.open && { closedRanges: args.podCidrs }),
        awaitReady,
      },
      { parent: this },
    );
    if (exposure.type === "ingress" && !userAdministration.open) {
      addAdministrationIngress(
        name,
        {
          metadata: { namespace, labels },
          administration: userAdministration,
          exposure,
          ingress,
          serviceName: apiObjects.service,
          dependsOn: web.ready,
          awaitReady,
        },
        this,
      );
    }
    this.url = web.url;
    this.workloads = [api, schema];
    this.connections = [
      { from: api, to: database, ports: database.ports },
      { from: api, to: args.kubernetesApi, ports: args.kubernetesApi.ports },
      { from: schema, to: database, ports: database.ports },
      ...web.connections,
    ];
    this.registerOutputs({ url: this.url, imageReference: this.imageReference });
  }
}
