import type { Endpoint } from "../contracts";
import { contains, outermostRanges } from "../kubernetes/address-range";

/** Servers outside the cluster that pods may connect to. */
export interface OutsideFacts {
  /** What they are, for the connection graph. */
  readonly name: string;
  /** CIDR. */
  readonly cidrs: readonly string[];
  readonly ports: readonly number[];
  /** Ranges that stay closed where they are a part of one of `cidrs`. A range of `cidrs` inside of one of them is open. */
  readonly blocked: readonly string[];
}

/** The servers as the far end of a connection. */
export function outside({ name, cidrs, ports, blocked }: OutsideFacts): Endpoint {
  // A range cannot be taken out of itself: who names it wants it open.
  const isNamed = (range: string) => cidrs.some((cidr) => contains(cidr, range) && contains(range, cidr));
  const parts = outermostRanges(blocked).filter(
    (range) => cidrs.some((cidr) => contains(cidr, range)) && !isNamed(range),
  );
  return { system: name, ports, peer: { cidrs, ...(parts.length > 0 && { except: parts }) } };
}
