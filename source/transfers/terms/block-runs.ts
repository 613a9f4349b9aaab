/**
 * The blocks of a file as runs of equal state, in a short text (`12g2a30m`). The worker of a queue writes it for other
 * processes that show the file.
 */
import type {BlockState, BlockView} from './block-view.ts';

/** Larger files (over 256 GiB) get no text: checking each block twice a second would take too long. */
const mostBlocks = 262_144;

/** Most runs in a text. A partial that is damaged everywhere has more, until enough of it is repaired. */
const mostRuns = 1000;

const letters = {
  ...{good: 'g', bad: 'b', missing: 'm'},
  ...{arriving: 'a', read: 'r', unread: 'u'},
} as const satisfies Readonly<Record<BlockState, string>>;

const states = new Map(
  (Object.keys(letters) as BlockState[]).map(state => [letters[state] as string, state]),
);

/** `blocks` as a text; undefined if there are too many of them, or too many runs. */
export function runsOf({count, at}: BlockView): string | undefined {
  if (count > mostBlocks) {
    return undefined;
  }

  const runs: string[] = [];
  for (let from = 0; from < count && runs.length <= mostRuns; ) {
    const state = at(from);
    let to = from + 1;
    while (to < count && at(to) === state) {
      to++;
    }

    runs.push(`${to - from}${letters[state]}`);
    from = to;
  }

  return runs.length > mostRuns ? undefined : runs.join('');
}

/** The blocks that `text` describes; undefined if it is not valid. */
export function blocksOfRuns(text: string): BlockView | undefined {
  const runs = [...text.matchAll(/([1-9]\d{0,5})([a-z])/g)];
  const ends: number[] = [];
  const found: BlockState[] = [];
  let count = 0;
  for (const [, length, letter = ''] of runs) {
    const state = states.get(letter);
    if (state !== undefined) {
      count += Number(length);
      ends.push(count);
      found.push(state);
    }
  }

  const isWhole = runs.map(([run]) => run).join('') === text && found.length === runs.length;
  return isWhole && count > 0 && count <= mostBlocks
    ? {count, at: index => found[firstBeyond(ends, index)] ?? 'missing'}
    : undefined;
}

/** The index of the first of `ends` that is greater than `index`. */
function firstBeyond(ends: readonly number[], index: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] ?? 0) > index) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }

  return low;
}
