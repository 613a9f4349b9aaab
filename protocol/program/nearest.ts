/**
 * The word of `words` that takes the fewest slips of a finger (a letter more, less, other, or
 * two swapped) to be written as `word`; the first of several; undefined where that takes more
 * slips than half of the letters of `word`: then it is not a slip.
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

// No command or option is as long; a longer word is as wrong.
const longest = 40;

/** The Damerau-Levenshtein distance, each letter moved at most once. */
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
