import type { types } from "@pulumi/kubernetes";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type {
  AmqpEndpoint,
  Connection,
  NamespaceBinding,
  NetworkPlace,
  Peer,
  SonarEndpoint,
  StorageBinding,
  Workload,
} from "../contracts";
import { outermostRanges } from "../kubernetes/address-range";
import { checksumAnnotation } from "../kubernetes/checksum";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import { accountFiles } from "../kubernetes/user-account";
import { agentPod, agentUser } from "./agent-pod";
import { type AgentScaling, addAgentScaling, scalerConnections } from "./agent-scaling";
import { configurationSections, renderIni } from "./configuration";
import { CONFIGURATION_FILE, type ImageGeneration } from "./image-generation";
import { TOKEN_PLACEHOLDER } from "./pod-configuration";

/** An OpenAI-compatible endpoint for the document checks. */
export interface ChatbotLogin {
  readonly baseUrl: string;
  readonly modelName: string;
  /** Secret. */
  readonly apiKey: pulumi.Input<string>;
}

export interface AgentPoolArgs {
  readonly namespace: NamespaceBinding;
  /** Name of the Deployment, also its `app` label. Seed: `openchecker-agent`. */
  readonly deployment: string;
  /** Seed: `guoqiangqi/openchecker:v0.21`. */
  readonly image: ResolvedImage;
  readonly generation: ImageGeneration;
  /** How many workers. One worker does one scan at a time. Seed: 3. */
  readonly scaling: AgentScaling;
  readonly resources: Resources;
  /** Labels of the nodes. The architecture of the image is always asked for, unless this names another one. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations?: readonly types.input.core.v1.Toleration[];
  /** Seconds that a running scan may take after the pod was told to stop. */
  readonly terminationGraceSeconds: number;
  /** Login at the broker with the right to consume. */
  readonly broker: AmqpEndpoint;
  /** The claim of the seed. */
  readonly storage: StorageBinding;
  readonly sonar?: SonarEndpoint;
  readonly chatbot?: ChatbotLogin;
  /** Secrets. Access keys of code hosts; without them only public repositories can be scanned, at a low rate. */
  readonly codeHosts?: Readonly<Partial<Record<"github" | "gitee" | "gitcode", pulumi.Input<string>>>>;
  /** Secrets. For signed calls to ohpm.openharmony.cn. */
  readonly ohpm?: { readonly accessKey: pulumi.Input<string>; readonly secretKey: pulumi.Input<string> };
  readonly egress: AgentEgress;
}

/** Where workers may connect to, besides the contracts and DNS. */
export interface AgentEgress {
  /** TCP ports on the Internet: code hosts, package registries, callback addresses. */
  readonly ports: readonly number[];
  /** Address ranges that are not the Internet: private ones, and those of the cluster's pods and Services. */
  readonly blockedCidrs: readonly string[];
  /** Ranges that are open all the same, for callbacks inside the company. */
  readonly allowedCidrs: readonly string[];
  /** The language model's port, and its address ranges where they are private. */
  readonly languageModel?: { readonly port: number; readonly cidrs: readonly string[] };
}

/** A pool of OpenChecker workers of one size, version and placement. Pools share the queue. */
export class AgentPool extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];

  constructor(name: string, args: AgentPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:openchecker:AgentPool", name, {}, opts);
    const child = { parent: this };
    const podLabels = { app: args.deployment };
    const labels = {
      ...podLabels,
      ...standardLabels({
        system: "openchecker",
        instance: args.deployment,
        component: "worker",
        version: args.image.version,
      }),
    };
    const metadata = { namespace: args.namespace.name, labels };
    const file = agentConfiguration(args);
    const configuration = new Secret(
      `${name}-configuration`,
      { metadata, stringData: { [CONFIGURATION_FILE]: file } },
      child,
    );
    const user = new ConfigMap(`${name}-user`, { metadata, data: { ...accountFiles(agentUser) } }, child);
    const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, child);
    const workers = new Deployment(
      `${name}-workers`,
      {
        metadata: {
          ...metadata,
          name: args.deployment,
          annotations: exceptionAnnotations({
            "no-liveness-probe":
              "A restart would throw away a scan that may run for hours; readiness shows a lost broker connection.",
          }),
        },
        spec: {
          // An autoscaler owns the number; setting it here as well would undo its work at every update.
          ...(args.scaling.type === "fixed" && { replicas: args.scaling.replicas }),
          revisionHistoryLimit: 3,
          progressDeadlineSeconds: 1800, // the image has several GB and is pulled at every start
          selector: { matchLabels: podLabels },
          template: {
            metadata: { labels, annotations: checksumAnnotation(file) },
            spec: agentPod({
              image: args.image,
              generation: args.generation,
              resources: args.resources,
              nodeSelector: args.nodeSelector,
              tolerations: args.tolerations ?? [],
              terminationGraceSeconds: args.terminationGraceSeconds,
              podLabels,
              brokerPort: args.broker.port,
              serviceAccountName: account.metadata.name,
              accountName: user.metadata.name,
              claimName: args.storage.claimName,
              secretName: configuration.metadata.name,
              sonarToken: args.sonar?.token.kind === "secretKey" ? args.sonar.token : undefined,
            }),
          },
        },
      },
      {
        ...child,
        deleteBeforeReplace: true,
        // Without the token, which SonarQube makes, the pods would wait and the run with them.
        dependsOn: [...args.broker.ready, ...(args.sonar?.ready ?? [])],
        customTimeouts: {
          create: "35m",
          update: "35m",
          // Busy workers are let finish first.
          delete: `${args.terminationGraceSeconds + 300}s`,
        },
      },
    );
    new PodDisruptionBudget(
      `${name}-budget`,
      {
        metadata,
        spec: {
          maxUnavailable: 1,
          selector: { matchLabels: podLabels },
          // A worker that is not ready has no connection to the broker, so no scan is lost with it.
          unhealthyPodEvictionPolicy: "AlwaysAllow",
        },
      },
      child,
    );
    addAgentScaling(name, { scaling: args.scaling, deployment: args.deployment, metadata, ready: [workers] }, this);
    const workload: Workload = {
      system: "openchecker",
      name: args.deployment,
      namespace: args.namespace.plainName,
      podLabels,
    };
    this.workloads = [workload];
    this.connections = [...agentConnections(args, workload), ...scalerConnections(args.scaling)];
    this.registerOutputs({});
  }
}

/** Everything that workers may reach: broker, SonarQube, and the Internet without the private ranges. */
export function agentConnections(
  args: Pick<AgentPoolArgs, "broker" | "sonar" | "egress">,
  workload: Workload,
): Connection[] {
  const { ports, blockedCidrs, allowedCidrs, languageModel } = args.egress;
  const outside = (system: string, peer: Peer, to = ports): Connection => ({
    from: workload,
    to: { system, ports: to, peer },
    ports: to,
  });
  const internet: Peer = { cidrs: ["0.0.0.0/0"], except: outermostRanges(blockedCidrs) };
  const model: Peer =
    languageModel === undefined || languageModel.cidrs.length === 0 ? internet : { cidrs: languageModel.cidrs };
  return [
    { from: workload, to: args.broker, ports: args.broker.ports },
    ...(args.sonar === undefined ? [] : [{ from: workload, to: args.sonar, ports: args.sonar.ports }]),
    outside("Internet", internet),
    ...(languageModel === undefined ? [] : [outside("Language model", model, [languageModel.port])]),
    ...(allowedCidrs.length === 0 ? [] : [outside("Company network", { cidrs: allowedCidrs })]),
  ];
}

/** The workers' `config.ini`. Secret. It holds no key of the API. */
function agentConfiguration(args: AgentPoolArgs): pulumi.Output<string> {
  const { broker, sonar, chatbot, generation } = args;
  return pulumi.secret(
    pulumi
      .all([
        broker.password,
        pulumi.all([sonar?.password ?? "", tokenText(sonar)]),
        chatbot?.apiKey ?? "",
        pulumi.output(args.codeHosts ?? {}),
        pulumi.output(args.ohpm),
      ])
      .apply(([password, [sonarPassword, token], apiKey, codeHosts, ohpm]) =>
        renderIni(
          configurationSections({
            generation,
            broker: { host: broker.host, port: broker.port, username: broker.username, password },
            ...(sonar !== undefined && {
              sonar: {
                scheme: sonar.scheme,
                host: sonar.host,
                port: sonar.port,
                username: sonar.username,
                password: sonarPassword,
                token,
              },
            }),
            ...(chatbot !== undefined && {
              chatbot: { baseUrl: chatbot.baseUrl, modelName: chatbot.modelName, apiKey },
            }),
            codeHosts,
            ...(ohpm !== undefined && { ohpm }),
          }),
        ),
      ),
  );
}

/** What the configuration says in the place of the token: itself, or what an init container replaces by it. */
function tokenText(sonar: SonarEndpoint | undefined): pulumi.Input<string> {
  if (sonar === undefined) {
    return "";
  }
  return sonar.token.kind === "value" ? sonar.token.value : TOKEN_PLACEHOLDER;
}
