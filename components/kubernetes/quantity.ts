/** What the suffixes of Kubernetes quantities stand for. */
const factors: Readonly<Record<string, number>> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

function amountOf(text: string): { amount: number; suffix: string } | undefined {
  const [, digits, suffix] = /^(\d+(?:\.\d+)?|\.\d+)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = suffix === undefined ? undefined : factors[suffix];
  return digits === undefined || suffix === undefined || factor === undefined
    ? undefined
    : { amount: Number(digits) * factor, suffix };
}

/**
 * The amount in its base unit, CPUs or bytes: `500m` → 0.5, `4Gi` → 4294967296.
 * @throws Error for anything that is no quantity
 */
export function quantityValue(text: string): number {
  const parsed = amountOf(text);
  if (parsed === undefined) {
    throw new Error(`"${text}" is no Kubernetes quantity.`);
  }
  return parsed.amount;
}

/**
 * Bytes that a quantity of memory or storage stands for: `4Gi` → 4294967296.
 * @throws Error for anything that is not one
 */
export function bytesOf(text: string): number {
  const parsed = amountOf(text);
  if (parsed === undefined || parsed.suffix === "m") {
    const suffixes = Object.keys(factors).filter((each) => each !== "" && each !== "m");
    throw new Error(`"${text}" is no quantity of bytes; write a number with one of ${suffixes.join(", ")}.`);
  }
  return Math.floor(parsed.amount);
}
