/**
 * Which blocks each run of the client fetched more often than needed, and why. The blocks that went through the proxy are
 * compared with the blocks on disk before and after the run.
 */
import {blockLength, blockSize} from '../../../protocol/block.ts';
import type {Fetched} from '../block-meter.ts';
import type {Kept} from '../target.ts';
import type {Tree} from '../tree.ts';

/** All numbers are bytes of blocks. */
export type Waste = {
  /** Fetched, and on disk after the run. */
  useful: number;
  /** Cut off with their connection, or because the server was killed. */
  cut: number;
  /** Cut off by the end of the client. */
  broken: number;
  /** Whole blocks of files over 1 MiB that were not on disk after the end of the client. */
  unwritten: number;
  /** The same, for files of one block. */
  unwrittenSmall: number;
  /** Fetched although they were right on disk before the run. */
  already: number;
  /** Fetched more than once in the same run. */
  twice: number;
};

export const noWaste: Readonly<Waste> = {
  ...{useful: 0, cut: 0, broken: 0, unwritten: 0, unwrittenSmall: 0, already: 0, twice: 0},
};

/** @param cut bytes of blocks that were cut off before the client ended. */
export function wasteOf(
  fetched: Fetched,
  cut: number,
  before: Kept,
  after: Kept,
  tree: Tree,
): Waste {
  const waste = {...noWaste, cut, broken: fetched.brokenBytes - cut};
  for (const [path, blocks] of fetched.whole) {
    const size = tree.files.get(path)?.length ?? 0;
    for (const [block, times] of blocks) {
      const length = blockLength(size, block);
      const isKept = after.get(path)?.[block] ?? false;
      if (before.get(path)?.[block] ?? false) {
        waste.already += times * length;
      } else if (isKept) {
        waste.useful += length;
        waste.twice += (times - 1) * length;
      } else {
        waste[size > blockSize ? 'unwritten' : 'unwrittenSmall'] += times * length;
      }
    }
  }

  return waste;
}

export function addWaste(one: Waste, other: Waste): Waste {
  const sum = {...one};
  for (const key of Object.keys(other) as Array<keyof Waste>) {
    sum[key] += other[key];
  }

  return sum;
}

/** Bytes that the end of a run makes the next run fetch again. */
export function costOfEnd({broken, unwritten, unwrittenSmall}: Waste): number {
  return broken + unwritten + unwrittenSmall;
}

/** Bytes of blocks that `before` has and `after` lacks. */
export function bytesLost(before: Kept, after: Kept, tree: Tree): number {
  let lost = 0;
  for (const [path, blocks] of before) {
    const size = tree.files.get(path)?.length ?? 0;
    for (const [block, isKept] of blocks.entries()) {
      lost += isKept && !after.get(path)?.[block] ? blockLength(size, block) : 0;
    }
  }

  return lost;
}
