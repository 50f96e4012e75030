import { type PropertyMap, type PropertyValue, reveal } from "../protocol/property-values";

/** Arguments of the provider resource, with the official provider's defaults filled in. */
export interface Configuration {
  /** Path or content of the kubeconfig; the usual search (`KUBECONFIG`, `~/.kube/config`) when it is missing. */
  readonly kubeconfig?: string;
  /** Context of the kubeconfig; default: its current context. */
  readonly context?: string;
  /** Cluster of the kubeconfig that replaces the context's own. */
  readonly cluster?: string;
  /** Namespace of objects that name none; default: the context's, else `default`. */
  readonly namespace?: string;
  /** A changed ConfigMap is updated in place instead of being replaced. */
  readonly enableConfigMapMutable: boolean;
  /** A changed Secret is updated in place instead of being replaced. */
  readonly enableSecretMutable: boolean;
  /** Take over fields that other field managers own. */
  readonly enablePatchForce: boolean;
  /** Requests per second that the provider makes on average. */
  readonly requestsPerSecond: number;
  /** Requests that may be made at once after a pause. */
  readonly requestBurst: number;
  /** Seconds until a single request fails; 0 means no limit of its own. */
  readonly requestTimeout: number;
  /** Keep what the state says when the cluster cannot be reached. */
  readonly skipUpdateUnreachable: boolean;
  /** Forget objects of a cluster that cannot be reached. */
  readonly deleteUnreachable: boolean;
  readonly suppressDeprecationWarnings: boolean;
}

/** Accepted by the official provider for parts that the builtin one does not have; they change nothing here. */
const ignoredArguments: ReadonlySet<string> = new Set([
  "version",
  "pluginDownloadURL",
  "clusterIdentifier",
  "enableServerSideApply",
  "suppressHelmHookWarnings",
  "helmReleaseSettings",
  "enableReplaceCRD",
]);

const knownArguments: ReadonlySet<string> = new Set([
  "kubeconfig",
  "context",
  "cluster",
  "namespace",
  "enableConfigMapMutable",
  "enableSecretMutable",
  "enablePatchForce",
  "kubeClientSettings",
  "skipUpdateUnreachable",
  "deleteUnreachable",
  "suppressDeprecationWarnings",
]);

/** What is wrong with the arguments of a provider resource: argument name and reason. */
export function configurationFailures(args: PropertyMap): { property: string; reason: string }[] {
  const failures = Object.keys(args)
    .filter((name) => !knownArguments.has(name) && !ignoredArguments.has(name))
    .map((property) => ({
      property,
      reason:
        `The builtin kubernetes provider has no argument "${property}". It takes ` +
        `${[...knownArguments].join(", ")}. Remove the argument, or run with the official provider.`,
    }));
  if (flag(args, "enableServerSideApply", true) === false) {
    const reason = "The builtin kubernetes provider only works by server-side apply. Remove the argument or set true.";
    failures.push({ property: "enableServerSideApply", reason });
  }
  return failures;
}

/** Reads the arguments of a provider resource, which the SDK sends as strings. Throws on a value of a wrong kind. */
export function readConfiguration(args: PropertyMap, environment: NodeJS.ProcessEnv): Configuration {
  const settings = clientSettings(args);
  const setting = (name: string, variable: string, fallback: number) =>
    positiveNumber(settings[name] ?? environment[variable] ?? fallback, name);
  const kubeconfig = text(args, "kubeconfig") ?? (environment["KUBECONFIG"] || undefined);
  return {
    ...optional("kubeconfig", kubeconfig),
    ...optional("context", text(args, "context")),
    ...optional("cluster", text(args, "cluster")),
    ...optional("namespace", text(args, "namespace")),
    enableConfigMapMutable: flag(args, "enableConfigMapMutable", false),
    enableSecretMutable: flag(args, "enableSecretMutable", false),
    enablePatchForce: flag(args, "enablePatchForce", false),
    requestsPerSecond: setting("qps", "PULUMI_K8S_CLIENT_QPS", 50),
    requestBurst: setting("burst", "PULUMI_K8S_CLIENT_BURST", 120),
    requestTimeout: setting("timeout", "PULUMI_K8S_CLIENT_TIMEOUT", 0),
    skipUpdateUnreachable: flag(args, "skipUpdateUnreachable", environment["PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"]),
    deleteUnreachable: flag(args, "deleteUnreachable", environment["PULUMI_K8S_DELETE_UNREACHABLE"]),
    suppressDeprecationWarnings: flag(args, "suppressDeprecationWarnings", false),
  };
}

/** An argument as text; an object (a kubeconfig may be given as one) becomes its JSON. */
export function text(args: PropertyMap, name: string): string | undefined {
  const value = reveal(args[name] ?? null);
  if (value === null || value === "") return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function flag(args: PropertyMap, name: string, fallback: boolean | string | undefined): boolean {
  return (text(args, name) ?? String(fallback)) === "true";
}

function clientSettings(args: PropertyMap): PropertyMap {
  const settings = text(args, "kubeClientSettings");
  return settings === undefined ? {} : (JSON.parse(settings) as PropertyMap);
}

function positiveNumber(value: PropertyValue, name: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number >= 0) return number;
  throw new Error(`kubeClientSettings.${name} must be a number of 0 or more, but is ${JSON.stringify(value)}.`);
}

function optional<Name extends string>(name: Name, value: string | undefined): { [Key in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]: string });
}
