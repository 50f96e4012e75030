import { z } from "zod";
import { privateRanges } from "../../components/kubernetes/address-range";
import { IDLE_SECONDS } from "../../components/openchecker/agent-pod";
import { imageOverride } from "./images";
import { mergeSettings } from "./merge";
import {
  amounts,
  cidr,
  closedRange,
  cpuQuantity,
  labels,
  memoryQuantity,
  port,
  storageQuantity,
  toleration,
} from "./values";

/** Code in an image of OpenChecker; decides how its configuration and its pods are built. */
export const generation = z.enum(["classic", "current"]);

const autoscaling = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("none").meta({ description: "`replicas` pods, always." }) }),
    z.strictObject({
      type: z.literal("cpu").meta({ description: "By processor load (HorizontalPodAutoscaler)." }),
      minReplicas: z.int().min(1).max(500).meta({ description: "Fewest pods.", unit: "pods" }),
      maxReplicas: z.int().min(1).max(500).meta({ description: "Most pods.", unit: "pods" }),
      targetUtilizationPercent: z.int().min(1).max(100).default(70).meta({
        description: "Load to aim at, in per cent of the CPU request.",
        unit: "per cent",
      }),
    }),
    z.strictObject({
      type: z.literal("queue").meta({ description: "By the number of waiting tasks (KEDA ScaledObject)." }),
      minReplicas: z.int().min(0).max(500).meta({ description: "Fewest pods.", unit: "pods" }),
      maxReplicas: z.int().min(1).max(500).meta({ description: "Most pods.", unit: "pods" }),
      messagesPerReplica: z.int().min(1).max(10_000).default(1).meta({
        description: "Waiting tasks for which one pod is added.",
        unit: "messages",
      }),
    }),
  ])
  .meta({ description: "How the number of pods follows the load." });

/** Fields that `agents` and every pool have in common, without defaults. */
const field = {
  generation: generation.meta({
    description: "Code in the image: `classic` up to v0.21, `current` for images built from the newest source.",
    source: "seed",
  }),
  replicas: z.int().min(0).max(500).meta({
    description: "Number of pods; each works on one task at a time.",
    unit: "pods",
    source: "seed",
  }),
  nodeSelector: labels.meta({
    description:
      "Labels of the nodes that may run the pods. `kubernetes.io/arch: amd64` is always added, the only architecture of the image, unless another one is given for an image of your own.",
  }),
  tolerations: z.array(toleration).meta({ description: "Taints that the pods put up with." }),
  terminationGraceSeconds: z
    .int()
    .min(2 * IDLE_SECONDS)
    .max(86_400)
    .meta({
      description: `How long a running task may go on when its pod is to stop; then another worker starts it anew. A worker without a task ends after ${IDLE_SECONDS} seconds.`,
      unit: "seconds",
    }),
  autoscaling,
};

const resourcesDescription = "Resources of one worker.";
const requestsDescription = "What is set aside for a pod.";
const limitsDescription = "What a pod may use at most.";

const scratch = { description: "Scratch space on the node: clones, caches and build results.", unit: "bytes" };

const amountsWithScratch = (defaults: { cpu: string; memory: string; scratch: string }) =>
  amounts(defaults).extend({ "ephemeral-storage": storageQuantity.prefault(defaults.scratch).meta(scratch) });

const amountsOfPool = z.strictObject({
  cpu: cpuQuantity.exactOptional().meta({ description: "Processor time.", unit: "CPUs" }),
  memory: memoryQuantity.exactOptional().meta({ description: "Memory.", unit: "bytes" }),
  "ephemeral-storage": storageQuantity.exactOptional().meta(scratch),
});

const pool = z.strictObject({
  image: imageOverride.exactOptional().meta({ description: "Another image than `openchecker-agent` of this stack." }),
  generation: field.generation.exactOptional(),
  replicas: field.replicas.exactOptional(),
  resources: z
    .strictObject({
      requests: amountsOfPool.exactOptional().meta({ description: requestsDescription }),
      limits: amountsOfPool.exactOptional().meta({ description: limitsDescription }),
    })
    .exactOptional()
    .meta({ description: resourcesDescription }),
  nodeSelector: field.nodeSelector.exactOptional(),
  tolerations: field.tolerations.exactOptional(),
  terminationGraceSeconds: field.terminationGraceSeconds.exactOptional(),
  autoscaling: field.autoscaling.exactOptional(),
});

/** Deployment of the seed's workers; the Deployments of further pools are called `<this>-<pool>`. */
const deploymentName = "openchecker-agent";

const poolName = z
  .string()
  .regex(/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/)
  .max(63 - `${deploymentName}-`.length);

/** The workers of OpenChecker. */
export const agents = z
  .strictObject({
    generation: field.generation.default("classic"),
    replicas: field.replicas.default(3),
    resources: z
      .strictObject({
        requests: amountsWithScratch({ cpu: "1", memory: "2Gi", scratch: "10Gi" })
          .prefault({})
          .meta({ description: requestsDescription }),
        limits: amountsWithScratch({ cpu: "4", memory: "8Gi", scratch: "30Gi" })
          .prefault({})
          .meta({ description: limitsDescription }),
      })
      .prefault({})
      .meta({ description: resourcesDescription }),
    nodeSelector: field.nodeSelector.default({}),
    tolerations: field.tolerations.default([]),
    terminationGraceSeconds: field.terminationGraceSeconds.default(3600),
    autoscaling: field.autoscaling.default({ type: "none" }),
    pools: z
      .record(poolName, pool)
      .prefault({})
      .meta({
        description: `Further pools by name. What a pool does not set it takes from \`agents\`; its Deployment is \`${deploymentName}-<name>\`.`,
        allowed: `an object of pools; a name is a DNS label of at most ${63 - `${deploymentName}-`.length} characters`,
        examples: [{ large: { replicas: 1, resources: { limits: { memory: "32Gi" } } } }],
      }),
    egress: z
      .strictObject({
        ports: z.array(port).min(1).default([80, 443]).meta({
          description: "TCP ports that workers may reach: code hosts, package registries, callback addresses.",
        }),
        callbackCidrs: z.array(cidr).default([]).meta({
          description: "Private address ranges that results may be sent to (`callback_url` of a task).",
        }),
        blockedCidrs: z
          .array(closedRange)
          .default([...privateRanges])
          .meta({
            description:
              "Address ranges that workers cannot reach, since they run code of strangers. The pod and Service ranges of the cluster are always blocked, too.",
          }),
      })
      .prefault({})
      .meta({
        description: "What workers may reach besides the broker, SonarQube, the language model and the Internet.",
      }),
  })
  .meta({ description: "The workers, which run the checks." });

type Agents = z.output<typeof agents>;

/** One Deployment of workers, with everything decided. */
export interface AgentPoolSettings extends Omit<Agents, "pools" | "egress"> {
  /** Name of the Deployment. */
  readonly name: string;
  /** Other image than `openchecker-agent` of the catalogue and the stack's overrides. */
  readonly image: z.output<typeof imageOverride>;
}

/** All worker Deployments: the seed's, then the further pools by name. */
export function agentPools({ pools, egress: _, ...common }: Agents): AgentPoolSettings[] {
  const further = Object.entries(pools).sort(([left], [right]) => (left < right ? -1 : 1));
  return [
    { ...common, name: deploymentName, image: {} },
    ...further.map(([name, own]) => ({
      ...mergeSettings<Omit<AgentPoolSettings, "name">>({ ...common, image: {} }, own),
      name: `${deploymentName}-${name}`,
    })),
  ];
}
