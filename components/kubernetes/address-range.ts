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

/** The range with the address that it begins with: `10.1.2.3/8` → `10.0.0.0/8`. */
export function networkOf(range: string): string {
  const [address, bits] = parse(range);
  const width = isIPv4(address) ? 32 : 128;
  const number = numberOf(address);
  const kept = (number >> BigInt(width - bits)) << BigInt(width - bits);
  return kept === number ? range : `${addressOf(kept, width)}/${bits}`;
}

/** The address as a number, by which addresses can be compared however they are written. */
function numberOf(address: string): bigint {
  if (isIPv4(address)) {
    return address.split(".").reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  }
  const [head = "", tail] = address.split("::");
  const groups = (text: string): bigint[] =>
    text === ""
      ? []
      : text.split(":").flatMap((part) => {
          if (!part.includes(".")) {
            return [BigInt(`0x${part}`)];
          }
          const four = numberOf(part);
          return [four >> 16n, four & 0xffffn];
        });
  const [left, right] = [groups(head), groups(tail ?? "")];
  const middle = Array.from({ length: 8 - left.length - right.length }, () => 0n);
  return [...left, ...middle, ...right].reduce((sum, part) => (sum << 16n) + part, 0n);
}

function addressOf(number: bigint, width: number): string {
  const [count, step] = width === 32 ? [4, 8n] : [8, 16n];
  const parts = Array.from(
    { length: count },
    (_, index) => (number >> (step * BigInt(count - 1 - index))) & ((1n << step) - 1n),
  );
  return width === 32
    ? parts.join(".")
    : new URL(`http://[${parts.map((part) => part.toString(16)).join(":")}]`).hostname.slice(1, -1);
}

function parse(range: string): [address: string, bits: number] {
  const [address = "", bits = ""] = range.split("/");
  return [address, Number(bits)];
}
