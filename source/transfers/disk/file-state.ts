/** States of local files: two that are equal are those of one file that nobody has touched between. */
import {type BigIntStats, lstatSync} from 'node:fs';
import {isOtherTime} from './file-time.ts';
import type {OpenFolder} from './folders/target-folder.ts';

/** Size, times and inode: differs as soon as anything has been done to the file. */
export function stateOf({
  size,
  mtimeNs,
  ctimeNs,
  ino,
}: Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs' | 'ino'>): string {
  return [size, mtimeNs, ctimeNs, ino].join(':');
}

/** Milliseconds since 1970, as exactly as a number can. */
export function mtimeMsOf({mtimeNs}: Pick<BigIntStats, 'mtimeNs'>): number {
  return Number(mtimeNs / 1000n) / 1000;
}

/**
 * The state of the file `name`, which was written and checked a moment ago.
 *
 * @param expected size in bytes and time in milliseconds that it was given then: whatever has been
 * written to it since has changed its time.
 * @returns undefined if it is not that file any more, or could not have that time.
 */
export function stateOfFinished(
  folder: OpenFolder,
  name: string,
  expected: {size: number; mtimeMs: number},
): string | undefined {
  try {
    const stats = lstatSync(folder.at(name), {bigint: true, throwIfNoEntry: false});
    const isStill =
      stats?.isFile() === true &&
      Number(stats.size) === expected.size &&
      !isOtherTime(mtimeMsOf(stats), expected.mtimeMs);
    return isStill ? stateOf(stats) : undefined;
  } catch {
    // The file is done. That its state is not known costs a comparison later.
    return undefined;
  }
}
