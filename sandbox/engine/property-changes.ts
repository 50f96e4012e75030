import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import { completeOutputs } from "../providers/kubernetes/compact-state";
import type { PropertyMap } from "../providers/protocol/property-values";

/** One changed property of a resource. */
export interface PropertyChange {
  /** As the engine writes it, for example `spec.template.spec.containers[0].image`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** The change cannot be made in place. */
  readonly forcesReplacement: boolean;
  /** The value before and after; undefined if absent, `[secret]` and `(known later)` where it cannot be shown. */
  readonly before: unknown;
  readonly after: unknown;
}

const SECRET = "[secret]";
/** How the engine marks a secret value, … */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";
/** … and one that only the run will know. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What a step changes. Properties without a detailed difference are named by their top-level key only. */
export function propertyChanges(metadata: StepEventMetadata): PropertyChange[] {
  const detailed = metadata.detailedDiff ?? {};
  const keys = Object.keys(detailed).length > 0 ? Object.keys(detailed) : (metadata.diffs ?? []);
  return keys.sort().map((path) => {
    const kind: string = detailed[path]?.diffKind ?? "update";
    const hidden = isSecret(metadata.type, path);
    // What the provider found in the cluster (after a refresh) is in the outputs, everything else in the inputs.
    const oldValues = detailed[path]?.inputDiff === false ? outputsOf(metadata.old) : metadata.old?.inputs;
    return {
      path,
      kind: kind.startsWith("add") ? "add" : kind.startsWith("delete") ? "delete" : "update",
      forcesReplacement: kind.endsWith("replace") || (metadata.keys ?? []).includes(path),
      before: hidden ? SECRET : readable(valueAt(oldValues, path)),
      after: hidden ? SECRET : readable(valueAt(metadata.new?.inputs, path)),
    };
  });
}

/** The outputs of a state, in whose compact form everything is missing that is the same as in the inputs. */
function outputsOf(state: StepEventMetadata["old"]): Record<string, unknown> | undefined {
  if (state?.outputs === undefined || state.inputs === undefined) return state?.outputs;
  return completeOutputs(state.outputs as PropertyMap, state.inputs as PropertyMap);
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
  return keys.reduce<unknown>((value, key) => {
    if (typeof value !== "object" || value === null) return undefined;
    return SECRET_MARK in value ? value : Reflect.get(value, key);
  }, values);
}

/** The same value without what a reader must not see or cannot know yet. */
function readable(value: unknown): unknown {
  if (value === UNKNOWN) return "(known later)";
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET_MARK in value) return SECRET;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, readable(each)]));
}
