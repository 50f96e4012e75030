import type { Claim, ClaimKind } from "./names/claim";
import { allClaims } from "./own-names";
import { formatPath, type SettingPath } from "./paths";
import type { RuleInput, Violation } from "./violation";

interface Words {
  readonly reason: string;
  readonly remedy: string;
}

const words: Readonly<Record<ClaimKind, Words>> = {
  namespace: {
    reason: "Two systems ask for the same namespace; network policies and Pod Security are set for one system each.",
    remedy: "Give each its own namespace.",
  },
  host: {
    reason: "Two systems ask for the same host name; the ingress controller would serve only one of them.",
    remedy: "Give each its own host name.",
  },
  nodePort: {
    reason: "A node port belongs to one Service of the whole cluster.",
    remedy: "Give each a port of its own.",
  },
  address: {
    reason: "Two load balancers ask for the same address.",
    remedy: "Give each its own address, or let the cloud choose.",
  },
  clusterScoped: {
    reason: "Two systems make an object of the same name, which the whole cluster can have only once.",
    remedy: "Give each its own name.",
  },
};

const OF_OTHERS: Words = {
  reason: "The namespace belongs to something that the cluster has already; the platform would take it over.",
  remedy: "Choose another name.",
};

/** What two of the stack's systems, or one of them and the cluster, would both have. */
export function uniqueNameRules({ settings }: RuleInput): Violation[] {
  const groups = new Map<string, Claim[]>();
  for (const claim of allClaims(settings).filter(({ used }) => used)) {
    const key = `${claim.kind} ${claim.name}`;
    groups.set(key, [...(groups.get(key) ?? []), claim]);
  }
  return [...groups.values()].flatMap((claims): Violation[] => {
    const [first, ...others] = distinctPaths(claims);
    const [claim] = claims;
    // Two parts that the cluster has already may well share a namespace.
    if (first === undefined || others.length === 0 || claim === undefined || claims.every(({ foreign }) => foreign)) {
      return [];
    }
    return [{ paths: [first, ...others], ...(claims.some(({ foreign }) => foreign) ? OF_OTHERS : words[claim.kind]) }];
  });
}

function distinctPaths(claims: readonly Claim[]): SettingPath[] {
  return [...new Map(claims.map(({ path }) => [formatPath(path), path])).values()];
}
