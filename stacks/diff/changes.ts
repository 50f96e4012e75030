import { structuredPatch } from "diff";

/** What a change does to one object of a stack. */
export interface ObjectChange {
  /** `<namespace>/<kind>-<name>`, the object's file without its ending. */
  readonly object: string;
  readonly action: "add" | "change" | "remove";
  /** Lines of a unified diff without header. */
  readonly lines: readonly string[];
  /** Why a reviewer must look twice, if so. */
  readonly danger?: string;
}

/** Kinds whose removal takes data along. */
const DATA_KINDS = ["namespace-", "persistentvolume-", "persistentvolumeclaim-", "statefulset-", "secret-"];

/**
 * Compares two renders of a stack, given as file → YAML text.
 * @returns the changed objects; what is dangerous first, then by name
 */
export function compareRenders(
  base: Readonly<Record<string, string>>,
  head: Readonly<Record<string, string>>,
): ObjectChange[] {
  const paths = [...new Set([...Object.keys(base), ...Object.keys(head)])].sort();
  const changes = paths.filter((path) => base[path] !== head[path]).map((path) => change(path, base[path], head[path]));
  return [
    ...changes.filter((each) => each.danger !== undefined),
    ...changes.filter((each) => each.danger === undefined),
  ];
}

function change(path: string, before: string | undefined, after: string | undefined): ObjectChange {
  const object = path.replace(/\.yaml$/, "");
  const action = before === undefined ? "add" : after === undefined ? "remove" : "change";
  const { hunks } = structuredPatch(path, path, before ?? "", after ?? "", "", "", { context: 2 });
  const lines = hunks.flatMap((hunk, index) => [...(index > 0 ? ["…"] : []), ...hunk.lines]);
  return { object, action, lines, ...dangerOf(object, action, before, after) };
}

/** Fields that Kubernetes never changes in place, by the kind's prefix in the file name, with their YAML indentation. */
const FIXED_FIELDS: Readonly<Record<string, readonly string[]>> = {
  "deployment-": ["  selector:"],
  "daemonset-": ["  selector:"],
  "statefulset-": ["  selector:", "  serviceName:", "  volumeClaimTemplates:", "  podManagementPolicy:"],
  "job-": ["  template:"],
  "persistentvolumeclaim-": ["  accessModes:", "  storageClassName:", "  volumeName:"],
  "persistentvolume-": ["  nfs:", "  claimRef:"],
  "storageclass-": ["parameters:", "provisioner:", "reclaimPolicy:"],
};

function dangerOf(object: string, action: ObjectChange["action"], before = "", after = ""): { danger?: string } {
  const file = object.slice(object.indexOf("/") + 1);
  if (action === "remove" && DATA_KINDS.some((kind) => file.startsWith(kind))) {
    return { danger: "removes an object that holds data" };
  }
  const [, fields = []] = Object.entries(FIXED_FIELDS).find(([kind]) => file.startsWith(kind)) ?? [];
  const changed = fields.filter((field) => block(before, field) !== block(after, field));
  return action === "change" && changed.length > 0
    ? {
        danger: `changes ${changed.map((each) => each.trim().replace(":", "")).join(", ")}, so it is deleted and made anew`,
      }
    : {};
}

/** The lines of a field: its own and those that are indented deeper. */
function block(text: string, field: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(field));
  if (start < 0) {
    return "";
  }
  const indentation = field.length - field.trimStart().length;
  const deeper = (line: string) => line.length - line.trimStart().length > indentation;
  const end = lines.findIndex((line, index) => index > start && !deeper(line));
  return lines.slice(start, end < 0 ? undefined : end).join("\n");
}
