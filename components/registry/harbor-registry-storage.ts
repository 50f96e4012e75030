import type { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Endpoint, RedisEndpoint } from "../contracts";
import type { Resources, RestrictedContainer } from "../kubernetes/pod";
import { httpProbe } from "../kubernetes/probes";
import { type ClaimFacts, dataClaim } from "./harbor-claim";
import { HARBOR_USER, harborPorts, METRICS_PORT_NAME } from "./harbor-parts";
import {
  controllerConfiguration,
  registryConfiguration,
  registryPaths,
  type S3Facts,
} from "./harbor-registry-configuration";
import {
  containerPort,
  environment,
  fileMount,
  fixedName,
  type HarborScope,
  partChecksum,
  partMetadata,
  partObjectName,
  partSecret,
  partService,
  secretEnvironment,
  trustedCertificates,
} from "./harbor-scope";
import type { HarborSecrets } from "./harbor-secrets";
import { type DataLifecycle, inRhythm, installsCertificates, lateLiveness, partDeployment } from "./harbor-workload";

/** Where the images are kept. */
export type ImageStorage =
  | ({ readonly type: "filesystem" } & ClaimFacts)
  | ({
      readonly type: "s3";
      /** Secret. */
      readonly accessKey: pulumi.Input<string>;
      /** Secret. */
      readonly secretKey: pulumi.Input<string>;
      /** Where the store is, for the network policies. */
      readonly server: Endpoint;
    } & S3Facts);

export interface HarborRegistryStorageArgs {
  readonly replicas: number;
  readonly storage: ImageStorage;
  readonly resources: { readonly registry: Resources; readonly controller: Resources };
  readonly lifecycle: DataLifecycle;
  readonly secrets: HarborSecrets;
  readonly redis: RedisEndpoint;
  /** Let the registry, too, use the outbound proxy, which it needs only for an object store outside. */
  readonly useProxy: boolean;
}

const CONFIGURATION_FILE = "config.yml";
const CONTROLLER_FILE = "ctl-config.yml";
const PASSWORDS_KEY = "REGISTRY_HTPASSWD";
const PASSWORDS_FILE = "passwd";

/** Ends of the names of the Secrets with who may call the controller, and with the registry's users. */
const CALLERS = "ctl";
const PASSWORDS = "-htpasswd";

/** The registry itself, which keeps the images, and its controller, which deletes them. */
export function harborRegistryStorage(scope: HarborScope, args: HarborRegistryStorageArgs): Deployment {
  const { secrets, storage, redis } = args;
  const { metrics, logLevel } = scope;
  const s3 = storage.type === "s3" ? storage : undefined;
  const { host, tls, port, username, sentinel } = redis;
  const configuration = registryConfiguration({
    logLevel,
    metrics,
    redis: { host, port, tls, username, sentinel },
    s3,
  });
  const data = { [CONFIGURATION_FILE]: configuration, [CONTROLLER_FILE]: controllerConfiguration(logLevel) };
  const configMap = new ConfigMap(
    `${scope.name}-registry-configuration`,
    { metadata: partMetadata(scope, "registry"), data },
    fixedName(scope),
  );
  const variables: Record<string, pulumi.Input<string>> = {
    REGISTRY_HTTP_SECRET: secrets.registryHttpSecret,
    REGISTRY_REDIS_PASSWORD: redis.password ?? "",
    ...(s3 !== undefined && {
      REGISTRY_STORAGE_S3_ACCESSKEY: pulumi.secret(s3.accessKey),
      REGISTRY_STORAGE_S3_SECRETKEY: pulumi.secret(s3.secretKey),
    }),
  };
  const secret = partSecret(scope, "registry", variables);
  // Who may call the controller.
  const callers = { CORE_SECRET: secrets.coreSecret, JOBSERVICE_SECRET: secrets.jobserviceSecret };
  const callerSecret = partSecret(scope, "registry", callers, { suffix: CALLERS });
  const passwords = { [PASSWORDS_KEY]: secrets.registryHtpasswd };
  const passwordSecret = partSecret(scope, "registry", passwords, { suffix: PASSWORDS });
  const claim = storage.type === "filesystem" ? dataClaim(scope, "registry", storage, args.lifecycle) : undefined;
  partService(scope, "registry", [
    { name: "http-registry", port: harborPorts.registry },
    { name: "http-controller", port: harborPorts.http },
    ...(metrics ? [{ name: METRICS_PORT_NAME, port: harborPorts.metrics }] : []),
  ]);

  const certificates = trustedCertificates(scope);
  const storageMounts = [
    { name: "storage", mountPath: registryPaths.data },
    fileMount("configuration", registryPaths.configuration, CONFIGURATION_FILE),
    ...certificates.mounts,
  ];
  const env = [
    ...environment(args.useProxy ? scope.proxyEnvironment : {}),
    ...secretEnvironment(partObjectName("registry"), Object.keys(variables)),
  ];
  const registryAnswers = httpProbe("/", harborPorts.registry);
  const controllerAnswers = httpProbe("/api/health", harborPorts.http);
  const registry: RestrictedContainer = {
    name: "registry",
    image: scope.images.registry,
    ports: [
      containerPort("http", harborPorts.registry),
      metrics
        ? containerPort(METRICS_PORT_NAME, harborPorts.metrics)
        : containerPort("debug", harborPorts.registryDebug),
    ],
    env,
    resources: args.resources.registry,
    livenessProbe: lateLiveness(registryAnswers),
    readinessProbe: inRhythm(registryAnswers, { initialDelay: 1 }),
    volumeMounts: [...storageMounts, fileMount("passwords", registryPaths.passwords, PASSWORDS_FILE)],
    writableRoot: true,
  };
  const controller: RestrictedContainer = {
    name: "registryctl",
    image: scope.images.registryctl,
    ports: [containerPort("http-controller", harborPorts.http)],
    env: [...env, ...secretEnvironment(partObjectName("registry", CALLERS), Object.keys(callers))],
    resources: args.resources.controller,
    livenessProbe: lateLiveness(controllerAnswers),
    readinessProbe: inRhythm(controllerAnswers, { initialDelay: 1 }),
    volumeMounts: [
      ...storageMounts,
      fileMount("configuration", registryPaths.controllerConfiguration, CONTROLLER_FILE),
    ],
    writableRoot: true,
  };
  return partDeployment(scope, "registry", {
    replicas: args.replicas,
    user: HARBOR_USER,
    containers: [registry, controller],
    volumes: [
      {
        name: "storage",
        ...(claim === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: claim.metadata.name } }),
      },
      { name: "configuration", configMap: { name: partObjectName("registry") } },
      {
        name: "passwords",
        secret: {
          secretName: partObjectName("registry", PASSWORDS),
          items: [{ key: PASSWORDS_KEY, path: PASSWORDS_FILE }],
        },
      },
      ...certificates.volumes,
    ],
    annotations: partChecksum(scope, { data, variables, callers, passwords, ...certificates.contents }),
    exceptions: installsCertificates,
    terminationGraceSeconds: 120,
    dependsOn: [configMap, secret, callerSecret, passwordSecret],
    recreate: storage.type === "filesystem" && storage.accessMode === "ReadWriteOnce",
  });
}
