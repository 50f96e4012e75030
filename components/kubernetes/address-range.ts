import { BlockList, isIPv4 } from "node:net";

/** Ranges that are not the Internet: private, carrier-grade, loopback and link-local (where cloud metadata services live). */
export const privateRanges = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
] as const;

/** Whether the range `inner` lies completely inside `outer`; both in CIDR notation. */
export function contains(outer: string, inner: string): boolean {
  const [outerAddress, outerBits] = parse(outer);
  const [innerAddress, innerBits] = parse(inner);
  if (isIPv4(outerAddress) !== isIPv4(innerAddress) || innerBits < outerBits) {
    return false;
  }
  const family = isIPv4(outerAddress) ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(outerAddress, outerBits, family);
  return list.check(innerAddress, family);
}

/** Which of the closed ranges are cut out of the open ones: those inside one of them that are not opened by name themselves. */
export function closedWithin(open: readonly string[], closed: readonly string[]): string[] {
  const isNamed = (range: string) => open.some((each) => contains(range, each) && contains(each, range));
  return closed.filter((range) => open.some((each) => contains(each, range)) && !isNamed(range));
}

/** The ranges without those that lie inside another one, each once, in a stable order. */
export function outermostRanges(ranges: readonly string[]): string[] {
  return [...new Set(ranges)]
    .filter((each, _, all) => !all.some((other) => other !== each && contains(other, each)))
    .sort();
}

function parse(range: string): [address: string, bits: number] {
  const [address = "", bits = ""] = range.split("/");
  return [address, Number(bits)];
}
