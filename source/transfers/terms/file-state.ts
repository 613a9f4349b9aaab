/** States of local files. If two states are equal, the file was not changed in between. */
import type {BigIntStats} from 'node:fs';

/** Size, times and inode: changes with every change of the file. */
export function stateOf({
  size,
  mtimeNs,
  ctimeNs,
  ino,
}: Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs' | 'ino'>): string {
  return `${size}:${mtimeNs}:${ctimeNs}:${ino}`;
}

/** Milliseconds since 1970, to the microsecond. */
export function mtimeMsOf({mtimeNs}: Pick<BigIntStats, 'mtimeNs'>): number {
  return Number(mtimeNs / 1000n) / 1000;
}
