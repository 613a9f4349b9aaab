/** The words of the server for a state of a file, made from those of the system. */
import type {BigIntStats} from 'node:fs';
import type {EntryType} from '../../../../protocol/messages.ts';

/** A state of a file as the system tells it. */
export type FileState = Pick<BigIntStats, 'dev' | 'ino' | 'nlink' | 'size' | 'mtimeNs' | 'ctimeNs'>;

/**
 * The version token: from size and modification time alone, so that copies of the server
 * over one shared file system agree.
 */
export function versionOf(state: Pick<FileState, 'size' | 'mtimeNs'>): string {
  return `${state.size.toString(36)}-${state.mtimeNs.toString(36)}`;
}

const microsecond = 1000n;

/**
 * Milliseconds since 1970, with a fraction. Cut to the microsecond: a number has no room for more, and
 * would make another microsecond of it.
 */
export function mtimeMsOf({mtimeNs}: Pick<FileState, 'mtimeNs'>): number {
  const rest = mtimeNs % microsecond;
  // Division of integers cuts towards zero, which is up before 1970.
  const down = rest < 0n ? 1n : 0n;
  return Number(mtimeNs / microsecond - down) / 1000;
}

/** The type that a client is told. */
export function typeOf(stats: {isFile(): boolean; isDirectory(): boolean}): EntryType {
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
}

/**
 * A key of this state among all that were ever at the path of the file, for remembering its digests. The time of the
 * last change of status tells of a rewrite after which the old modification time was set again, the inode of another
 * file with the same times. Every machine that has a shared file system mounted sees the same of these, but not of
 * the device.
 */
export function stateKeyOf({ino, size, mtimeNs, ctimeNs}: FileState): string {
  return [size, mtimeNs, ctimeNs, ino].map(part => part.toString(36)).join('-');
}

/** Nanoseconds after a change in which another one could leave the same times behind. */
const racyNs = 2_000_000_000n;

/**
 * Whether the file was changed so recently, or by such a clock, that a further change might
 * go unseen: nothing that is read now may be remembered.
 */
export function isFresh(state: FileState, nowMs: number): boolean {
  const before = BigInt(Math.trunc(nowMs)) * 1_000_000n - racyNs;
  return state.mtimeNs > before || state.ctimeNs > before;
}

/** Whether a file is still in the state `before`. */
export function isSameState(before: FileState, now: FileState): boolean {
  // Without a name left it was deleted or another file took its place.
  const replaced = now.nlink === 0n && before.nlink > 0n;
  return now.size === before.size && now.mtimeNs === before.mtimeNs && !replaced;
}
