import { z } from "zod";
import { privateRanges } from "../../components/kubernetes/address-range";
import { SERVER_LIST_ALLOWED, serverList } from "./outside-servers";
import { withReason } from "./types/checked";
import { secretVariables, variableName } from "./types/variables";
import {
  closedRange,
  containerResources,
  cpuQuantity,
  dnsName,
  hostName,
  labelValue,
  memoryQuantity,
  qualifiedName,
  storageQuantity,
  toleration,
} from "./values";

const INTERNET = ["0.0.0.0/0"];

/** Servers outside the cluster that pods may connect to. */
export function reachable(ports: readonly number[], description: string) {
  return serverList("Code host")
    .default([{ name: "Internet", cidrs: INTERNET, ports: [...ports] }])
    .meta({ description, allowed: SERVER_LIST_ALLOWED });
}

/** Ranges that stay closed although they lie inside one that is open. */
export const blockedCidrs = z
  .array(closedRange)
  .default([...privateRanges])
  .meta({
    description:
      "Address ranges that stay closed although they lie inside one of `egress`; a range that `egress` names inside of them is open. Those of the cluster's pods, Services and API server are always closed.",
  });

const quota = z
  .strictObject({
    cpu: cpuQuantity.prefault("12").meta({ description: "Processor time, counted by the limits.", unit: "CPUs" }),
    memory: memoryQuantity.prefault("24Gi").meta({ description: "Memory, counted by the limits.", unit: "bytes" }),
    storage: storageQuantity
      .prefault("100Gi")
      .meta({ description: "Workspaces, those of closed conversations included.", unit: "bytes" }),
    pods: z.int().min(1).max(1000).default(6).meta({ description: "Sandboxes.", unit: "pods" }),
    workspaces: z.int().min(1).max(10_000).default(50).meta({
      description: "Workspaces; one stays until its conversation is deleted.",
      unit: "claims",
    }),
  })
  .prefault({})
  .meta({ description: "What all sandboxes may use together." });

const editor = z
  .strictObject({
    domain: hostName.meta({
      description:
        "Domain above the hosts `<conversation>.<domain>`. A wildcard name in DNS has to lead to the ingress controller, whose class has to be the default one of the cluster.",
      examples: ["code.openhands.example.org"],
    }),
    tls: z
      .discriminatedUnion("from", [
        z.strictObject({
          from: z.literal("selfMade").meta({ description: "The platform's own authority signs the certificate." }),
        }),
        z.strictObject({
          from: z.literal("secret").meta({ description: "Somebody puts the certificate into the namespace." }),
          secretName: dnsName.meta({ description: "Secret of the type kubernetes.io/tls for `*.<domain>`." }),
        }),
        z.strictObject({ from: z.literal("none").meta({ description: "Plain HTTP." }) }),
      ])
      .prefault({ from: "selfMade" })
      .meta({ description: "Where the certificate comes from." }),
  })
  .exactOptional()
  .meta({ description: "The editor in each sandbox, for browsers; absent: nobody reaches it." });

const runtimeClass = z
  .strictObject({
    name: dnsName.meta({ description: "Name of the RuntimeClass; it has to exist.", examples: ["gvisor"] }),
    setBy: z.enum(["platform", "cluster"]).default("platform").meta({
      description:
        "Who writes it into the pods, which OpenHands cannot do: `platform`, by a MutatingAdmissionPolicy (Kubernetes 1.36 or later), or something that the `cluster` has.",
    }),
  })
  .exactOptional()
  .meta({
    description:
      "RuntimeClass of all sandboxes (gVisor, Kata, Sysbox); pods without it are refused. Absent: what the nodes use.",
  });

/** The sandboxes: pods that OpenHands makes for its conversations. */
export const sandbox = z
  .strictObject({
    resources: containerResources(
      { cpu: "1", memory: "1Gi" },
      { cpu: "2", memory: "2Gi" },
      { description: "Resources of one sandbox.", source: "upstream" },
      "a sandbox",
    ),
    workspace: z
      .strictObject({
        size: storageQuantity
          .prefault("2Gi")
          .meta({ description: "Size of the claim.", unit: "bytes", source: "upstream" }),
        class: dnsName.exactOptional().meta({ description: "StorageClass; absent: the cluster's default." }),
      })
      .prefault({})
      .meta({ description: "The volume that the agent works in." }),
    closeDelaySeconds: z.int().min(0).max(604_800).default(3600).meta({
      description: "Time without activity after which a sandbox is removed; 0: never. Its workspace stays.",
      unit: "seconds",
      source: "upstream",
    }),
    keepAlive: z.boolean().default(false).meta({ description: "Keep a sandbox when its conversation is closed." }),
    timeoutSeconds: z.int().min(1).max(3600).default(120).meta({
      description: "Time that one command of the agent may take.",
      unit: "seconds",
      source: "upstream",
    }),
    environment: z
      .record(
        variableName,
        z
          .string()
          .max(32_768)
          .regex(/^\P{Cc}*$/u),
      )
      .superRefine(withReason(secretVariables))
      .default({})
      .meta({
        description: "Variables of every sandbox, in plain text: no secrets.",
        allowed: "an object of variable names and texts on one line; no name that announces a secret",
        examples: [{ PIP_INDEX_URL: "https://pypi.example.org/simple" }],
      }),
    nodeLabel: z
      .strictObject({
        key: qualifiedName.meta({ description: "Name of the label." }),
        value: labelValue.min(1).meta({ description: "Value of the label." }),
      })
      .exactOptional()
      .meta({ description: "The one label that nodes of sandboxes have; absent: any node." }),
    tolerations: z.array(toleration).default([]).meta({ description: "Taints that sandboxes put up with." }),
    quota,
    egress: reachable([80, 443], "What sandboxes may connect to: code hosts, package registries."),
    blockedCidrs,
    editor,
    runtimeClass,
    privileged: z.boolean().default(false).meta({
      description: "Run sandboxes privileged, for Docker inside of them: who controls one then controls its node.",
    }),
    hostAccess: z.boolean().default(false).meta({
      description:
        "Let pods in the namespace of the sandboxes use the network, processes and files of their node. OpenHands never asks for it.",
    }),
  })
  .prefault({})
  .meta({ description: "The sandboxes, in which the agent runs code." });
