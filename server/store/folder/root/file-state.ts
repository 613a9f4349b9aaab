/** What the server says about a state of a file, from what the system says. */
import type {BigIntStats} from 'node:fs';
import type {EntryType} from '../../../../protocol/messages.ts';

/**
 * The version token: from size and modification time alone, so that copies of the server
 * over one shared file system agree.
 */
export function versionOf(stats: BigIntStats): string {
  return `${stats.size.toString(36)}-${stats.mtimeNs.toString(36)}`;
}

const second = 1_000_000_000n;

/** Milliseconds since 1970, with a fraction: the same number that `fs.Stats` gives. */
export function mtimeMsOf(stats: BigIntStats): number {
  let seconds = stats.mtimeNs / second;
  let nanoseconds = stats.mtimeNs % second;
  if (nanoseconds < 0n) {
    seconds -= 1n;
    nanoseconds += second;
  }

  return Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
}

export function typeOf(stats: {isFile(): boolean; isDirectory(): boolean}): EntryType {
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
}

/** What names this state of this file on this machine, for what is remembered of it. */
export function identityOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

/** Nanoseconds after a change in which another one could leave the same times behind. */
const racyNs = 2_000_000_000n;

/**
 * Whether the file was changed so recently, or by such a clock, that a further change might
 * go unseen: nothing that is read now may be remembered.
 */
export function isFresh(stats: BigIntStats, nowMs: number): boolean {
  const before = BigInt(Math.trunc(nowMs)) * 1_000_000n - racyNs;
  return stats.mtimeNs > before || stats.ctimeNs > before;
}
