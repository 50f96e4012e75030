const factors: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** Bytes that a quantity of memory or storage stands for: `4Gi` → 4294967296. Throws for anything that is not one. */
export function bytesOf(quantity: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
  const factor = unit === undefined ? undefined : factors[unit];
  if (amount === undefined || factor === undefined) {
    throw new Error(
      `"${quantity}" is no quantity of bytes; write a number with one of k, M, G, T, P, Ki, Mi, Gi, Ti, Pi.`,
    );
  }
  return Math.floor(Number(amount) * factor);
}
