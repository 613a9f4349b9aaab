/**
 * The word in `words` that differs from `word` by the fewest typing errors (a letter added, missing, changed, or two
 * swapped); the first of several. Undefined if there are more errors than half of the letters of `word`.
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  const written = word.slice(0, longest);
  for (const candidate of words) {
    const slips = distance(written, candidate);
    if (slips < fewest) {
      fewest = slips;
      best = candidate;
    }
  }

  return fewest <= written.length / 2 ? best : undefined;
}

// No command or option is longer, so the rest of a longer word need not be compared.
const longest = 40;

/** The Damerau-Levenshtein distance; each letter moves at most once. */
export function distance(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({length: other.length + 1}, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      let slips = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      if (one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) {
        slips = Math.min(slips, at(beforeLast, column - 2) + 1);
      }

      current.push(slips);
    }

    beforeLast = last;
    last = current;
  }

  return at(last, other.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
