/** Fields that tell the variants of a choice apart (`exposure.type`, `tls.from`, `autoscaling.type`). */
const discriminators = ["type", "from"];

type PlainObject = Readonly<Record<string, unknown>>;

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every field optional, at every depth; lists stay whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

/**
 * `over` on top of `base`: objects merge, lists and plain values replace. An object that names another variant of a
 * choice replaces as a whole, so that nothing of the old variant is left over.
 */
export function mergeSettings<T>(base: T, over: DeepPartial<T>): T;
export function mergeSettings(base: unknown, over: unknown): unknown;
export function mergeSettings(base: unknown, over: unknown): unknown {
  if (over === undefined) {
    return base;
  }
  if (!isPlainObject(base) || !isPlainObject(over) || isOtherVariant(base, over)) {
    return over;
  }
  const keys = [...new Set([...Object.keys(base), ...Object.keys(over)])];
  return Object.fromEntries(keys.map((key) => [key, mergeSettings(base[key], over[key])]));
}

function isOtherVariant(base: PlainObject, over: PlainObject): boolean {
  return discriminators.some((key) => key in base && key in over && base[key] !== over[key]);
}
