/** States of local files: two that are equal are those of one file that nobody has touched between. */
import type {BigIntStats} from 'node:fs';

/** Size, times and inode: differs as soon as anything has been done to the file. */
export function stateOf({
  size,
  mtimeNs,
  ctimeNs,
  ino,
}: Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs' | 'ino'>): string {
  return `${size}:${mtimeNs}:${ctimeNs}:${ino}`;
}

/** Milliseconds since 1970, as exactly as a number can. */
export function mtimeMsOf({mtimeNs}: Pick<BigIntStats, 'mtimeNs'>): number {
  return Number(mtimeNs / 1000n) / 1000;
}
