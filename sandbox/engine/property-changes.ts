import type { StepEventMetadata } from "@pulumi/pulumi/automation";

/** One changed property of a resource. Values are left out where they are secret. */
export interface PropertyChange {
  /** As the engine writes it, for example `spec.template.spec.containers[0].image`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** The change cannot be made in place. */
  readonly forcesReplacement: boolean;
  /** The value before and after; `[secret]` if secret, undefined if absent or not known yet. */
  readonly before: unknown;
  readonly after: unknown;
}

const SECRET = "[secret]";

/** What a step changes. Properties without a detailed difference are named by their top-level key only. */
export function propertyChanges(metadata: StepEventMetadata): PropertyChange[] {
  const detailed = metadata.detailedDiff ?? {};
  const keys = Object.keys(detailed).length > 0 ? Object.keys(detailed) : (metadata.diffs ?? []);
  return keys.sort().map((path) => {
    const kind: string = detailed[path]?.diffKind ?? "update";
    const hidden = isSecret(metadata.type, path);
    // What the provider found in the cluster (after a refresh) is in the outputs, everything else in the inputs.
    const oldValues = detailed[path]?.inputDiff === false ? metadata.old?.outputs : metadata.old?.inputs;
    return {
      path,
      kind: kind.startsWith("add") ? "add" : kind.startsWith("delete") ? "delete" : "update",
      forcesReplacement: kind.endsWith("replace") || (metadata.keys ?? []).includes(path),
      before: hidden ? SECRET : valueAt(oldValues, path),
      after: hidden ? SECRET : valueAt(metadata.new?.inputs, path),
    };
  });
}

/** The engine blinds what it knows to be secret; the content of a Secret is hidden here whatever it knows. */
function isSecret(type: string, path: string): boolean {
  return type === "kubernetes:core/v1:Secret" && /^(data|stringData)\b/.test(path);
}

/** The value at an engine path, whose keys may be quoted: `data["config.ini"]`, `containers[0].image`. */
export function valueAt(values: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted?.replace(/\\(.)/g, "$1") ?? index ?? plain ?? "",
  );
  return keys.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    values,
  );
}
