/**
 * The messages to and from a search thread. Both sides also share a few numbers, so that the server can pause and watch
 * the thread while it is busy.
 */
import type {WireErrorCode} from '../../../../protocol/errors.ts';
import type {Unsearched} from '../../../../protocol/messages.ts';
import type {EntryFrame} from '../../entry-frames.ts';
import type {Search} from '../../store.ts';
import type {RootHandle} from '../root/root.ts';

export type FindTask = Search & {root: RootHandle; state: SharedArrayBuffer};

export type FindReport =
  | {kind: 'found'; found: PostedFrame}
  /** The thread waits for credit. */
  | {kind: 'waits'}
  | {kind: 'ended'; unsearched: Unsearched}
  | {kind: 'failed'; code: WireErrorCode; message: string};

/** A report about the result; the other reports are about the thread. */
export type SearchReport = Exclude<FindReport, {kind: 'waits'}>;

/** A frame as it arrives from another thread: its memory is no longer a Buffer. */
type PostedFrame = Omit<EntryFrame, 'frame'> & {frame: Uint8Array};

/** The shared numbers, each an Int32. */
export const stateAt = {
  /** Names checked so far. */
  names: 0,
  /** 1 during file system calls, 0 during matching. */
  reading: 1,
  /** Frames that the worker may still send. */
  credit: 2,
  /** Above 0: stop. */
  stop: 3,
  /** Calls to the file system so far. */
  reads: 4,
  /** 1 while the thread waits for credit. */
  waiting: 5,
} as const;

export const stateBytes = 24;

/** Whether the thread waits for credit now; a thread without credit may still be working on its next frame. */
export function waitsForCredit(state: Int32Array): boolean {
  return Atomics.load(state, stateAt.waiting) === 1 && Atomics.load(state, stateAt.credit) === 0;
}

/** Add `count` to a shared number, and wake the thread, which waits only for credit. */
export function notify(state: Int32Array, at: number, count = 1): void {
  Atomics.add(state, at, count);
  Atomics.notify(state, stateAt.credit);
}
