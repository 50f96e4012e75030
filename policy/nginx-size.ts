const UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20 };

/** Bytes that a size of nginx stands for: `12k` → 12288. Undefined: it is not one. */
export function nginxBytes(size: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+)([km]?)$/i.exec(size.trim()) ?? [];
  return digits === undefined ? undefined : Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}
