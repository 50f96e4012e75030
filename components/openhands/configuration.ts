import type { types } from "@pulumi/kubernetes";
import { stableJson } from "../kubernetes/checksum";
import type { Resources } from "../kubernetes/pod";

type Toleration = types.input.core.v1.Toleration;

/** How the agent works. */
export interface AgentFacts {
  /** Name of the agent. @default CodeActAgent */
  readonly name: string;
  /** Steps after which a task is stopped. */
  readonly maxIterations: number;
  /** Dollars, as LiteLLM counts them, after which a task is stopped. @default no limit */
  readonly maxBudget?: number | undefined;
  /** Conversations that run at the same time; a further one stops the oldest. */
  readonly maxConversations: number;
  /** Days that a conversation is listed. */
  readonly conversationDays: number;
  /** Give the agent a browser in its sandbox. */
  readonly browser: boolean;
}

/** What every sandbox is like. */
export interface SandboxFacts {
  /** Of the container that the agent works in. */
  readonly resources: Resources;
  readonly workspace: {
    /** Kubernetes quantity. */
    readonly size: string;
    /** StorageClass. @default the cluster's default class */
    readonly class?: string | undefined;
  };
  /** Seconds without activity after which a sandbox is removed; 0: never. Its workspace stays. */
  readonly closeDelaySeconds: number;
  /** Keep the sandbox when its conversation is closed. */
  readonly keepAlive: boolean;
  /** Seconds that one command of the agent may take. */
  readonly timeoutSeconds: number;
  /** Variables of every sandbox, in plain text. */
  readonly environment: Readonly<Record<string, string>>;
  /** The one label that nodes of sandboxes have. @default any node */
  readonly nodeLabel?: { readonly key: string; readonly value: string } | undefined;
  readonly tolerations: readonly Toleration[];
  /** Domain above the names of the sandboxes' editors. @default nobody reaches them */
  readonly editorDomain?: string | undefined;
  /** Run the containers privileged. */
  readonly privileged: boolean;
}

/** Where sandboxes live and what they run. */
export interface SandboxPlace {
  readonly namespace: string;
  readonly image: string;
  /** Secret in that namespace. @default none */
  readonly pullSecret?: string | undefined;
  /** Secret in that namespace with the certificate of `*.<editorDomain>`. @default editors are served by plain HTTP */
  readonly tlsSecret?: string | undefined;
}

/** The application's `config.toml`. It holds no secret. Unknown keys would keep the application from starting. */
export function applicationConfiguration(agent: AgentFacts, sandbox: SandboxFacts, place: SandboxPlace): string {
  const { resources, workspace, nodeLabel, tolerations } = sandbox;
  return renderToml({
    core: {
      runtime: "kubernetes",
      default_agent: agent.name,
      max_iterations: agent.maxIterations,
      max_budget_per_task: agent.maxBudget,
      max_concurrent_conversations: agent.maxConversations,
      conversation_max_age_seconds: agent.conversationDays * 86_400,
      enable_browser: agent.browser,
    },
    sandbox: {
      runtime_container_image: place.image,
      keep_runtime_alive: sandbox.keepAlive,
      close_delay: sandbox.closeDelaySeconds,
      timeout: sandbox.timeoutSeconds,
    },
    "sandbox.runtime_startup_env_vars": sandbox.environment,
    kubernetes: {
      namespace: place.namespace,
      ingress_domain: sandbox.editorDomain,
      ingress_tls_secret: place.tlsSecret,
      image_pull_secret: place.pullSecret,
      pvc_storage_size: workspace.size,
      pvc_storage_class: workspace.class,
      resource_cpu_request: resources.requests["cpu"],
      resource_memory_request: resources.requests["memory"],
      resource_memory_limit: resources.limits["memory"],
      node_selector_key: nodeLabel?.key,
      node_selector_val: nodeLabel?.value,
      tolerations_yaml: tolerations.length === 0 ? undefined : pythonTolerations(tolerations),
      privileged: sandbox.privileged,
    },
  });
}

/** A YAML list, of which JSON is one form, with the field names of the Python client: the application hands them on. */
function pythonTolerations(tolerations: readonly Toleration[]): string {
  return stableJson(
    tolerations.map(({ tolerationSeconds, ...toleration }) => ({
      ...toleration,
      ...(tolerationSeconds !== undefined && { toleration_seconds: tolerationSeconds }),
    })),
  );
}

type TomlTable = Readonly<Record<string, string | number | boolean | undefined>>;

/** Tables without nesting; what is undefined is left out, as is a table without keys. */
function renderToml(tables: Readonly<Record<string, TomlTable>>): string {
  return Object.entries(tables)
    .map(([name, table]) => [
      `[${name}]`,
      // A text in JSON is a text in TOML with the same meaning.
      ...Object.entries(table).flatMap(([key, value]) =>
        value === undefined ? [] : [`${key} = ${JSON.stringify(value)}`],
      ),
    ])
    .filter((lines) => lines.length > 1)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

/** What the application takes from its environment only, or what its image sets there and the file cannot change. */
export function applicationVariables(facts: {
  /** Directory of the state. */
  readonly stateDirectory: string;
  /** Address for people. @default none that is known beforehand */
  readonly url?: string | undefined;
  readonly logLevel: string;
}): Record<string, string> {
  const url = facts.url === undefined ? undefined : new URL(facts.url);
  return {
    // The entrypoint's only way to run as another user than root.
    NO_SETUP: "true",
    RUN_AS_OPENHANDS: "false",
    // The entrypoint would drop the image's value, had it not been told to do nothing.
    WORKSPACE_BASE: "",
    FILE_STORE: "local",
    FILE_STORE_PATH: facts.stateDirectory,
    OH_PERSISTENCE_DIR: facts.stateDirectory,
    // The second interface of this version cannot start sandboxes in Kubernetes.
    ENABLE_V1: "0",
    LOG_JSON: "1",
    // On the level DEBUG it would also write files, next to its code.
    LOG_TO_FILE: "false",
    LOG_LEVEL: facts.logLevel,
    // Only the login proxy or the ingress controller get through to this port, and the rate limit is per client.
    FORWARDED_ALLOW_IPS: "*",
    ...(url !== undefined && { PERMITTED_CORS_ORIGINS: url.origin }),
    // The application puts https in front of it.
    ...(url?.protocol === "https:" && { WEB_HOST: url.host }),
    PYTHONDONTWRITEBYTECODE: "1",
  };
}
