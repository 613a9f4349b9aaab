/** Converts a file state of the operating system to the server's values. */
import type {BigIntStats} from 'node:fs';
import type {EntryType} from '../../../../protocol/messages.ts';

/** A state of a file from the operating system. */
export type FileState = Pick<BigIntStats, 'dev' | 'ino' | 'nlink' | 'size' | 'mtimeNs' | 'ctimeNs'>;

/**
 * The version token: only size and modification time, so that all servers on one shared file system give the same token.
 */
export function versionOf(state: Pick<FileState, 'size' | 'mtimeNs'>): string {
  return `${state.size.toString(36)}-${state.mtimeNs.toString(36)}`;
}

const microsecond = 1000n;

/**
 * Milliseconds since 1970, with a fraction. Truncated to the microsecond: a number has no room for more, and would round to
 * another microsecond.
 */
export function mtimeMsOf({mtimeNs}: Pick<FileState, 'mtimeNs'>): number {
  const rest = mtimeNs % microsecond;
  // Integer division truncates towards zero, which is upwards before 1970.
  const down = rest < 0n ? 1n : 0n;
  return Number(mtimeNs / microsecond - down) / 1000;
}

/** The entry type for a client. */
export function typeOf(stats: {isFile(): boolean; isDirectory(): boolean}): EntryType {
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
}

/**
 * A key of this state among all states of the path, for remembering digests. The time of the last status change reveals a
 * rewrite that set the old modification time again; the inode reveals another file with the same times. All machines that
 * mount a shared file system see the same values; this is not so for the device number.
 */
export function stateKeyOf({ino, size, mtimeNs, ctimeNs}: FileState): string {
  return [size, mtimeNs, ctimeNs, ino].map(part => part.toString(36)).join('-');
}

/**
 * Tells a file or folder from all others of this machine, as long as it is open: the system then gives its inode to no
 * other one.
 */
export function identityOf({dev, ino}: Pick<FileState, 'dev' | 'ino'>): string {
  return `${dev.toString(36)}-${ino.toString(36)}`;
}

/** Within so many nanoseconds after a change, another change could leave the same times. */
const racyNs = 2_000_000_000n;

/**
 * Whether the file changed so recently, or has such a time, that a further change might go unnoticed: the server must then
 * remember nothing that it reads now.
 */
export function isFresh(state: FileState, nowMs: number): boolean {
  const before = BigInt(Math.trunc(nowMs)) * 1_000_000n - racyNs;
  return state.mtimeNs > before || state.ctimeNs > before;
}

/** Whether a file is still in the state `before`. */
export function isSameState(before: FileState, now: FileState): boolean {
  // No name left: the file was deleted, or another file replaced it.
  const replaced = now.nlink === 0n && before.nlink > 0n;
  return now.size === before.size && now.mtimeNs === before.mtimeNs && !replaced;
}
