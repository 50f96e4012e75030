import type { PropertyValue } from "../protocol/property-values";

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
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

/** Whether two values are the same amount in different notations, such as `0.5` and `500m`. */
export function isSameQuantity(left: PropertyValue, right: PropertyValue): boolean {
  const [first, second] = [amountOf(left), amountOf(right)];
  return first !== undefined && second !== undefined && Math.abs(first - second) <= Math.abs(first) * 1e-12;
}

function amountOf(value: PropertyValue): number | undefined {
  if (typeof value === "number") return value;
  const [, digits = "", suffix = ""] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(String(value)) ?? [];
  const factor = suffixes[suffix];
  return digits === "" || factor === undefined ? undefined : Number(digits) * factor;
}
