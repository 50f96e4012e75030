import { ownHosts, ownNamespaces } from "./own-names";
import type { SettingPath } from "./paths";
import type { RuleInput, Violation } from "./rules";

/** Host names that two systems ask for. */
export function hostRules({ settings }: RuleInput): Violation[] {
  return repeated(ownHosts(settings), ({ host }) => host).map((paths) => ({
    paths,
    reason: "Two systems ask for the same host name; the ingress controller would serve only one of them.",
    remedy: "Give each its own host name.",
  }));
}

/** Namespaces that two systems ask for. */
export function namespaceRules({ settings }: RuleInput): Violation[] {
  const used = ownNamespaces(settings).filter((each) => each.used);
  return repeated(used, ({ name }) => name).map((paths) => ({
    paths,
    reason: "Two systems ask for the same namespace; network policies and Pod Security are set for one system each.",
    remedy: "Give each its own namespace.",
  }));
}

/** The paths of entries that have the same key, one group for each key that occurs more than once. */
function repeated<T extends { readonly path: SettingPath }>(
  entries: readonly T[],
  keyOf: (entry: T) => string,
): [SettingPath, ...SettingPath[]][] {
  const groups = new Map<string, [SettingPath, ...SettingPath[]]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group === undefined) {
      groups.set(keyOf(entry), [entry.path]);
    } else {
      group.push(entry.path);
    }
  }
  return [...groups.values()].filter((group) => group.length > 1);
}
