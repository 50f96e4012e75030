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

function dangerOf(object: string, action: ObjectChange["action"], before = "", after = ""): { danger?: string } {
  const file = object.slice(object.indexOf("/") + 1);
  if (action === "remove" && DATA_KINDS.some((kind) => file.startsWith(kind))) {
    return { danger: "removes an object that holds data" };
  }
  const selector = (text: string) => /^ {2}selector:\n(?: {4}.*\n)+/m.exec(text)?.[0];
  if (
    action === "change" &&
    /^(deployment|statefulset|daemonset)-/.test(file) &&
    selector(before) !== selector(after)
  ) {
    return { danger: "changes the selector, so the workload is deleted and made anew" };
  }
  return {};
}
