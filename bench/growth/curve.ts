/** How a cost grows with the amount of work. */
export type Point = {
  /** The amount of work: clients, bytes, entries or milliseconds. */
  readonly amount: number;
  readonly seconds: number;
  /** The cost of one unit of work: if it is the same at all points, the cost grows exactly as the work does. */
  readonly cost: number;
  readonly clientMB: number | undefined;
  readonly serverMB: number | undefined;
};

export type Curve = {
  readonly name: string;
  /** The unit of `amount`. */
  readonly of: string;
  /** The meaning of `cost`. */
  readonly costOf: string;
  readonly points: readonly Point[];
};

/**
 * The highest cost of a unit ÷ the lowest one at a smaller amount: above 1 only if more work costs more for each unit. The
 * fixed cost of a small amount does not count: it makes the first units expensive, not the last ones.
 */
export function growthOf({points}: Curve): number {
  let least = Number.POSITIVE_INFINITY;
  let growth = 1;
  for (const {cost} of points) {
    growth = Math.max(growth, cost / least);
    least = Math.min(least, cost);
  }

  return growth;
}
