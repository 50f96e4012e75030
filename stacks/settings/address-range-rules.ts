import { contains } from "../../components/kubernetes/address-range";
import type { SettingPath } from "./paths";
import type { RuleInput, Violation } from "./violation";

/** Ranges of the cluster that cannot all be what they are said to be. */
export function addressRangeRules({ settings: { cluster } }: RuleInput): Violation[] {
  const ranges = (["podCidrs", "serviceCidrs"] as const).flatMap((key) =>
    cluster[key].map((range, index) => ({ path: ["cluster", key, index] as SettingPath, range })),
  );
  return ranges.flatMap((one, index) =>
    ranges
      .slice(index + 1)
      .filter(({ range }) => contains(one.range, range) || contains(range, one.range))
      .map(({ path }) => ({
        paths: [one.path, path] as const,
        reason: "The two ranges overlap; an address would belong to both.",
        remedy: "Correct them: kubectl cluster-info dump | grep -m 2 -E 'cluster-cidr|service-cluster-ip-range'.",
      })),
  );
}
