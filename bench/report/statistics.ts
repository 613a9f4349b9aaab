/** Medians, and ratios of runs in the same round. */

/** The median, lowest and highest result. */
export type Spread = {readonly median: number; readonly low: number; readonly high: number};

export function spreadOf(numbers: readonly number[]): Spread {
  return {median: median(numbers), low: Math.min(...numbers), high: Math.max(...numbers)};
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** The ratios in the rounds that both have: other load on the machine affects both runs of a round. */
export function ratios(above: readonly number[], below: readonly number[]): number[] {
  return above.flatMap((seconds, round) => {
    const other = below[round];
    return other === undefined ? [] : [seconds / other];
  });
}
