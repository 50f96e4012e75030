import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type {
  AmqpEndpoint,
  Connection,
  Issuer,
  NamespaceBinding,
  NetworkPlace,
  StorageBinding,
  Workload,
} from "../contracts";
import type { Exposure, IngressFacts } from "../exposure/exposure";
import { WebExposure } from "../exposure/web-exposure";
import { checksumAnnotation } from "../kubernetes/checksum";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";
import { type Resources, restrictedPod } from "../kubernetes/pod";
import { startsWithin, tcpProbe } from "../kubernetes/probes";
import { configurationSections, renderIni } from "./configuration";
import { APPLICATION_USER, CONFIGURATION_FILE, type ImageGeneration, imageNodes } from "./image-generation";
import { configurationMounts, configurationPlaceholder, configurationVolumes } from "./pod-configuration";

/** Port of the API in its pod, of the Service and in `config.ini` (seed). */
const PORT = 80;

export interface OpenCheckerMainArgs {
  readonly namespace: NamespaceBinding;
  /** Seed: `guoqiangqi/openchecker:v0.19`. */
  readonly image: ResolvedImage;
  /** Which code the image holds; the tag does not tell. */
  readonly generation: ImageGeneration;
  /** Pods of the API. @default 1 (seed) */
  readonly replicas: number;
  readonly resources: Resources;
  /** Login at the broker with the right to publish. Its queues exist before the API starts. */
  readonly broker: AmqpEndpoint;
  /** The claim of the seed. */
  readonly storage: StorageBinding;
  readonly exposure: Exposure;
  readonly ingress: IngressFacts;
  /** Signs the certificate when the exposure wants a self-made one. */
  readonly issuer?: Issuer;
  /** The API's only user. */
  readonly user: {
    readonly name: string;
    /** @default a generated one */
    readonly password?: pulumi.Input<string>;
  };
  /** Life of an API token in minutes; the classic code ignores it and uses 30 days. */
  readonly tokenMinutes: number;
}

/** The API of OpenChecker: takes scan requests and puts one message each on the queue. */
export class OpenCheckerMain extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  readonly url: pulumi.Input<string> | undefined;
  readonly user: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: OpenCheckerMainArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:openchecker:OpenCheckerMain", name, {}, opts);
    const child = { parent: this };
    const labels = {
      app: "openchecker-main",
      ...standardLabels({
        system: "openchecker",
        instance: "openchecker-main",
        component: "api",
        version: args.image.version,
      }),
    };
    const metadata = { namespace: args.namespace.name, labels };
    const workload: Workload = {
      system: "openchecker",
      name: "openchecker-main",
      namespace: args.namespace.plainName,
      podLabels: { app: "openchecker-main" },
    };

    this.user = args.user.name;
    this.password = pulumi.secret(
      args.user.password ?? new RandomPassword(`${name}-password`, { length: 32, special: false }, child).result,
    );
    const tokenKey = new RandomPassword(`${name}-token-key`, { length: 64, special: false }, child);
    const { broker } = args;
    const file = pulumi
      .all([broker.password, this.password, tokenKey.result])
      .apply(([brokerPassword, password, key]) =>
        renderIni(
          configurationSections({
            generation: args.generation,
            broker: { host: broker.host, port: broker.port, username: broker.username, password: brokerPassword },
            api: { port: PORT, username: args.user.name, password, tokenKey: key, tokenMinutes: args.tokenMinutes },
          }),
        ),
      );
    const configuration = new Secret(
      `${name}-configuration`,
      { metadata, stringData: { [CONFIGURATION_FILE]: file } },
      child,
    );
    const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, child);
    new Deployment(
      `${name}-api`,
      {
        metadata: {
          ...metadata,
          name: "openchecker-main",
          annotations: exceptionAnnotations({
            "unsafe-sysctls":
              "Kubernetes counts ip_unprivileged_port_start as safe; it replaces running as root for the seed's port 80.",
          }),
        },
        spec: {
          replicas: args.replicas,
          revisionHistoryLimit: 3,
          progressDeadlineSeconds: 1800, // the image has several GB and is pulled at every start
          selector: { matchLabels: workload.podLabels },
          template: {
            metadata: { labels, annotations: checksumAnnotation(file) },
            spec: mainPod(args, account.metadata.name, args.storage.claimName, configuration.metadata.name),
          },
        },
      },
      {
        ...child,
        deleteBeforeReplace: true,
        dependsOn: [...broker.ready], // the queues have to be there
        customTimeouts: { create: "35m", update: "35m" },
      },
    );
    const exposure = new WebExposure(
      `${name}-exposure`,
      {
        namespace: args.namespace,
        labels,
        workload,
        serviceName: "openchecker-main-service",
        port: PORT,
        target: { name: "http", port: PORT },
        exposure: args.exposure,
        ingressName: "openchecker-main-ingress",
        ingress: args.ingress,
        ...(args.issuer !== undefined && { issuer: args.issuer }),
      },
      child,
    );
    this.url = exposure.url;
    this.workloads = [workload];
    this.connections = [{ from: workload, to: broker, ports: broker.ports }, ...exposure.connections];
    this.registerOutputs({ url: this.url, user: this.user });
  }
}

/** The API's pod. */
export function mainPod(
  args: Pick<OpenCheckerMainArgs, "image" | "resources">,
  serviceAccountName: pulumi.Input<string>,
  claimName: pulumi.Input<string>,
  secretName: pulumi.Input<string>,
) {
  const answers = tcpProbe("http"); // no path of the API answers 2xx without a login
  return restrictedPod({
    identity: { uid: APPLICATION_USER },
    serviceAccountName,
    initContainers: [configurationPlaceholder(args.image)],
    containers: [
      {
        name: "openchecker-main",
        image: args.image,
        // In `args`, not in `command`: the image's entrypoint prepares the tools' PATH and then runs exactly this.
        args: ["python", "-u", "openchecker/main.py"],
        ports: [{ name: "http", containerPort: PORT, protocol: "TCP" }],
        env: [{ name: "HOME", value: "/tmp" }],
        resources: args.resources,
        startupProbe: startsWithin(300, answers),
        readinessProbe: answers,
        livenessProbe: answers,
        // Python as process 1 ignores the stop signal; the pause lets the endpoint go first, then it is killed.
        lifecycle: { preStop: { sleep: { seconds: 5 } } },
        volumeMounts: configurationMounts,
        writable: ["/tmp", "/app/logs"].map((path) => ({ path, sizeLimit: "256Mi" })),
      },
    ],
    volumes: configurationVolumes(claimName, secretName),
    // Lets the non-root user listen on the seed's port 80.
    sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
    placement: {
      nodeSelector: { ...imageNodes },
      terminationGracePeriodSeconds: 15,
    },
  });
}
