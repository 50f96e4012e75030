import { z } from "zod";
import { exposure } from "./exposure";
import { blockedCidrs, reachable, sandbox } from "./openhands-sandbox";
import {
  cidr,
  containerResources,
  dnsLabel,
  dnsName,
  httpUrl,
  labels,
  labelValue,
  ownNamespace,
  podLabels,
  qualifiedName,
  secretText,
  storageQuantity,
  toleration,
} from "./values";

const strategy = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("Recreate").meta({ description: "The old pods stop before the first new one starts." }),
    }),
    z.strictObject({
      type: z.literal("RollingUpdate").meta({
        description: "A new pod starts and becomes ready before an old one stops; needs a volume for many nodes.",
      }),
      maxUnavailable: z.int().min(0).max(10).default(0).meta({
        description: "Pods that may be missing meanwhile.",
        unit: "pods",
      }),
      maxSurge: z.int().min(0).max(10).default(1).meta({
        description: "Pods that may be too many meanwhile.",
        unit: "pods",
      }),
    }),
  ])
  .prefault({ type: "Recreate" })
  .meta({ description: "How a new version takes the place of the old one.", source: "seed" });

const storage = z
  .strictObject({
    size: storageQuantity.prefault("10Gi").meta({ description: "Size of the claim.", unit: "bytes" }),
    class: dnsName.exactOptional().meta({ description: "StorageClass; absent: the cluster's default." }),
    accessMode: z.enum(["ReadWriteOnce", "ReadWriteMany"]).default("ReadWriteOnce").meta({
      description: "Whether one node or many mount it; more than one pod, or a rolling update, needs ReadWriteMany.",
    }),
  })
  .prefault({})
  .meta({ description: "The volume of the state: settings, conversations, keys." });

const placement = {
  nodeSelector: labels.default({}).meta({
    description: "Labels of the nodes that may run the application.",
    source: "seed",
  }),
  affinity: z
    .strictObject({
      nodes: z
        .record(qualifiedName, z.array(labelValue).min(1))
        .exactOptional()
        .meta({
          description: "Labels of nodes, each with the values of which a node needs one.",
          allowed: "an object of label names and lists of values",
          examples: [{ "topology.kubernetes.io/zone": ["a", "b"] }],
        }),
      near: podLabels.exactOptional().meta({
        description: "Labels of pods on whose node it should run.",
      }),
      apart: podLabels.exactOptional().meta({
        description: "Labels of pods on whose node it must not run.",
      }),
      namespaces: z.array(dnsLabel).min(1).exactOptional().meta({
        description: "Namespaces of those pods; absent: its own.",
      }),
    })
    .exactOptional()
    .meta({
      description: "Where it runs in relation to nodes and other pods; absent: its pods avoid each other's nodes.",
      source: "seed",
    }),
  tolerations: z
    .array(toleration)
    .default([])
    .meta({ description: "Taints that the application puts up with.", source: "seed" }),
};

const agent = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z]+$/)
      .default("CodeActAgent")
      .meta({ description: "Agent that conversations begin with.", source: "upstream", allowed: "a name of letters" }),
    maxIterations: z.int().min(1).max(10_000).default(500).meta({
      description: "Steps after which a task is stopped.",
      unit: "steps",
      source: "upstream",
    }),
    maxBudget: z.number().min(0.01).max(1_000_000).exactOptional().meta({
      description: "Costs after which a task is stopped, as LiteLLM counts them; absent: no limit.",
      unit: "US dollars",
    }),
    maxConversations: z.int().min(1).max(100).default(3).meta({
      description: "Conversations that run at the same time, of all people together; a further one stops the oldest.",
      unit: "conversations",
      source: "upstream",
    }),
    conversationDays: z.int().min(1).max(3650).default(10).meta({
      description: "How long a conversation is listed.",
      unit: "days",
      source: "upstream",
    }),
    browser: z.boolean().default(true).meta({ description: "Give the agent a browser in its sandbox." }),
  })
  .prefault({})
  .meta({ description: "How the agent works." });

const languageModel = z
  .strictObject({
    model: z
      .string()
      .regex(/^(?!.*:\/\/)[A-Za-z0-9][\w.:@/-]{0,254}$/)
      .meta({
        description: "Model with its provider in front, in LiteLLM's words.",
        allowed: "<provider>/<model>, or a model that LiteLLM knows by its name alone",
        examples: ["openai/qwen2.5-72b"],
      }),
    url: httpUrl()
      .exactOptional()
      .meta({
        description: "Base address of the server's API; absent: the provider's own.",
        examples: ["https://llm.example.org/v1"],
      }),
    apiKey: secretText().meta({ description: "Key of that API." }),
    cidrs: z.array(cidr).default([]).meta({
      description:
        "Address ranges of the server where they are private, for the network policies; empty: the Internet.",
    }),
  })
  .exactOptional()
  .meta({
    description:
      "Language model that is written into the application's settings, at first and whenever it changes here; absent: people name one in the application.",
  });

const login = z
  .strictObject({
    enabled: z.boolean().default(true).meta({
      description:
        "Ask for a login at the platform's identity provider. The application itself has none: whoever reaches it runs code and reads its keys.",
    }),
    allowedRoles: z
      .array(z.string().regex(/^[^\s,\p{Cc}]+$/u))
      .default(["cp-cluster-admin-role"])
      .meta({
        description:
          "Realm roles of which a person needs one, by default that of the platform's administrators; empty: everybody with an account gets in.",
        allowed: "a list of names without spaces and commas",
      }),
    rolesClaim: z
      .string()
      .regex(/^[^\s\p{Cc}]+$/u)
      .default("roles")
      .meta({ description: "Claim that holds the roles.", allowed: "a name without spaces" }),
    sessionHours: z.int().min(1).max(720).default(10).meta({
      description: "Time after which people log in again.",
      unit: "hours",
    }),
    replicas: z.int().min(1).max(10).default(1).meta({ description: "Pods of the login proxy.", unit: "pods" }),
    resources: containerResources(
      { cpu: "20m", memory: "32Mi" },
      { cpu: "200m", memory: "128Mi" },
      { description: "Resources of one pod of the login proxy." },
    ),
  })
  .prefault({})
  .meta({ description: "The login in front of the application (oauth2-proxy)." });

/** OpenHands: the application, its login and its sandboxes. */
export const openhands = z
  .strictObject({
    enabled: z.boolean().default(false).meta({ description: "Install OpenHands." }),
    namespace: ownNamespace.default("openhands").meta({ description: "Namespace of the application." }),
    sandboxNamespace: ownNamespace.default("openhands-runtime").meta({
      description: "Namespace of the sandboxes and of nothing else.",
    }),
    registryProject: z
      .string()
      .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/)
      .exactOptional()
      .meta({
        description:
          "Project of Harbor that holds both images, as `openhands` and `runtime` with the tags of the catalogue; absent: they come from where the catalogue says.",
        allowed: "a project of Harbor",
      }),
    replicas: z.int().min(1).max(5).default(1).meta({
      description: "Pods of the application. A conversation lives in the pod that it was started in.",
      unit: "pods",
      source: "seed",
    }),
    strategy,
    storage,
    resources: containerResources(
      { cpu: "500m", memory: "1Gi" },
      { cpu: "2", memory: "4Gi" },
      { description: "Resources of the application.", source: "seed", leastMemory: "512Mi" },
    ),
    ...placement,
    terminationGraceSeconds: z.int().min(1).max(3600).default(60).meta({
      description: "Time between the request to stop and the end; the image does not hand the request on.",
      unit: "seconds",
    }),
    agent,
    sandbox,
    languageModel,
    egress: reachable([443], "What the application may connect to besides the language model: code hosts."),
    blockedCidrs,
    login,
    exposure: exposure.prefault({ type: "clusterIp" }).meta({ description: "How people reach it.", source: "seed" }),
    url: httpUrl({ path: "none", calledByPods: false })
      .exactOptional()
      .meta({
        description: "Address that people use; absent: that of the ingress.",
        examples: ["http://192.0.2.10:30080"],
      }),
    logLevel: z
      .enum(["DEBUG", "INFO", "WARNING", "ERROR"])
      .default("INFO")
      .meta({ description: "Detail of the logs." }),
  })
  .meta({
    description:
      "OpenHands, an agent that writes and runs code. For one group of people that trust each other: they share everything in it.",
  });

/** The settings of OpenHands. */
export type OpenHandsSettings = z.output<typeof openhands>;
