import type * as pulumi from "@pulumi/pulumi";
import { type CatalogueImage, type ImageName, images } from "./images";

export interface ImageOverride {
  /** Repository, with the registry host in front when it differs from the catalogue's: `ghcr.io/owner/name`. */
  readonly repository?: string | undefined;
  readonly tag?: string | undefined;
  /** `sha256:` and 64 hex digits. Wins over the tag. */
  readonly digest?: string | undefined;
}

export type PullPolicy = "Always" | "IfNotPresent" | "Never";

export interface ImageSettings {
  /** Host and optional path of a mirror that holds every image under its own repository name. */
  readonly registry?: string | undefined;
  readonly overrides: Readonly<Partial<Record<ImageName, ImageOverride>>>;
  /** For all containers. @default what each image asks for */
  readonly pullPolicy?: PullPolicy | undefined;
  /** Secrets with registry logins, to be found in every namespace of the platform. */
  readonly pullSecrets: readonly string[];
}

/** How an image is pulled. Nothing but {@link pulling} decides it. */
export interface Pulling {
  readonly pullPolicy: PullPolicy;
  /** Names of the Secrets to pull with. */
  readonly pullSecrets: readonly pulumi.Input<string>[];
}

/** What the builder of pods has to know of a container's image. */
export interface ContainerImage extends Pulling {
  /** What a container's `image` field takes. */
  readonly reference: string;
}

export interface ResolvedImage extends ContainerImage {
  /** Version for the label `app.kubernetes.io/version`: the tag, or the start of the digest. */
  readonly version: string;
  readonly pullSecrets: readonly string[];
}

/**
 * The one place that decides how images are pulled, for those of the catalogue and for those that people push.
 * @param wanted what the image asks for
 */
export function pulling(
  settings: Pick<ImageSettings, "pullPolicy" | "pullSecrets">,
  wanted: PullPolicy,
): Pick<ResolvedImage, "pullPolicy" | "pullSecrets"> {
  return { pullPolicy: settings.pullPolicy ?? wanted, pullSecrets: settings.pullSecrets };
}

/**
 * The reference of an image in this stack: catalogue, then the stack's overrides, then those of one workload
 * (a worker pool with a version of its own), then the mirror.
 */
export function resolveImage(name: ImageName, settings: ImageSettings, workload: ImageOverride = {}): ResolvedImage {
  const entry: CatalogueImage = images[name];
  const stack = settings.overrides[name] ?? {};
  const repository = workload.repository ?? stack.repository;
  const location = repository === undefined ? entry : splitRegistry(repository, entry.registry);
  const registry = settings.registry ?? location.registry;
  // A digest names one version, so the digest of an outer level never outlives a tag chosen closer to the workload.
  const { tag, digest } =
    [workload, stack].find((each) => each.tag !== undefined || each.digest !== undefined) ?? entry;
  const suffix = (tag === undefined ? "" : `:${tag}`) + (digest === undefined ? "" : `@${digest}`);
  return {
    reference: `${registry}/${location.repository}${suffix}`,
    version: tag ?? digest?.slice("sha256:".length, "sha256:".length + 12) ?? entry.tag,
    ...pulling(settings, entry.pullPolicy ?? "IfNotPresent"),
  };
}

/** A first segment with a dot or a port, or `localhost`, is a registry host, as container runtimes read it. */
function splitRegistry(repository: string, fallback: string): { registry: string; repository: string } {
  const slash = repository.indexOf("/");
  const first = slash < 0 ? "" : repository.slice(0, slash);
  return /[.:]/.test(first) || first === "localhost"
    ? { registry: first, repository: repository.slice(slash + 1) }
    : { registry: fallback, repository };
}
