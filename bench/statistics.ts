/** What several runs of the same work took. */
export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly runs: number;
}

/** @throws without any value: there is nothing to say about work that was never done */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [minimum, maximum] = [sorted[0], sorted.at(-1)];
  if (minimum === undefined || maximum === undefined) throw new Error("There are no values.");
  const middle = (sorted.length - 1) / 2;
  const at = (index: number) => sorted[index] as number;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    minimum,
    maximum,
    runs: sorted.length,
  };
}

/** One point of a growth: how many objects, and what they took. */
export interface Point {
  readonly size: number;
  readonly value: number;
}

/**
 * The exponent of the growth, from the best line through the logarithms: 1 is linear, 2 is the square. What takes time
 * even for nothing makes it smaller.
 * @throws where the points do not tell: fewer than two sizes, or values that are not positive
 */
export function growthExponent(points: readonly Point[]): number {
  const logarithms = points.map(({ size, value }) => ({ x: Math.log(size), y: Math.log(value) }));
  if (logarithms.some(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y))) {
    throw new Error("Sizes and values must be positive.");
  }
  return slope(logarithms);
}

/** What one more object takes, from the best line through the points. */
export function costPerObject(points: readonly Point[]): number {
  return slope(points.map(({ size, value }) => ({ x: size, y: value })));
}

function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const width = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  if (!(width > 0)) throw new Error("A slope needs at least two different sizes.");
  return points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / width;
}
