import { UnknownValueError } from "@pulumi/policy";
import { fieldsOf, type Manifest } from "./manifest";

/** What a policy gets of each resource: inputs in resource policies, outputs in stack policies. */
interface PulumiResource {
  /** Pulumi type token, for example `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly props: Record<string, unknown>;
  readonly urn: string;
}

/** One Kubernetes object with the resource that makes it. */
export interface ResourceManifest {
  readonly manifest: Manifest;
  readonly urn: string;
}

/**
 * The Kubernetes object that a resource makes; `undefined` for other resources.
 * Reading an unknown value of it throws, see {@link unlessUnknown}.
 */
export function manifestOf(type: string, props: Record<string, unknown>): Manifest | undefined {
  const [, version, kind] = /^kubernetes:([^:]+):(\w+)$/.exec(type) ?? [];
  if (version === undefined || kind === undefined || !isWholeObject(version, kind)) return undefined;
  // Outputs hold what the cluster filled in as well, such as replicas. The rules are about what the program asks for.
  const asked = "__inputs" in props ? fieldsOf(props["__inputs"]) : props;
  const manifest = { metadata: {} };
  for (const field of Object.keys(asked).filter((each) => !["apiVersion", "kind", "status"].includes(each))) {
    // Read late: one unknown field must not hide the others.
    Object.defineProperty(manifest, field, { enumerable: true, get: () => asked[field] });
  }
  return Object.defineProperties(manifest, {
    apiVersion: { enumerable: true, value: apiVersion(version) },
    kind: { enumerable: true, value: kind },
  }) as Manifest;
}

/** The Kubernetes objects among the resources of a stack. */
export function manifestsOf(resources: readonly PulumiResource[]): ResourceManifest[] {
  return resources.flatMap(({ type, props, urn }) => {
    const manifest = unlessUnknown(() => manifestOf(type, props));
    return manifest === undefined ? [] : [{ manifest, urn }];
  });
}

/** Result of the function, or `undefined` if it met a value that the preview does not know. */
export function unlessUnknown<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownValueError) return undefined;
    throw error;
  }
}

/** Charts and the like are made of objects that come by themselves; a patch is a piece of somebody else's object. */
function isWholeObject(version: string, kind: string): boolean {
  return !/^(helm\.sh|yaml|kustomize)(\/|$)/.test(version) && !kind.endsWith("Patch");
}

/** Pulumi writes the core group as `core/v1`. */
function apiVersion(version: string): string {
  return version.startsWith("core/") ? version.slice("core/".length) : version;
}
