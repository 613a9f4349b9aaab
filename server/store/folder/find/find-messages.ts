/**
 * The messages to and from a thread that searches. Beside these both sides look at a few shared
 * numbers, so that the thread can be held back, and watched, while it is busy.
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

/** A report on the result; the others are about the thread. */
export type SearchReport = Exclude<FindReport, {kind: 'waits'}>;

/** A frame as it arrives from another thread: its memory is no longer a Buffer. */
type PostedFrame = Omit<EntryFrame, 'frame'> & {frame: Uint8Array};

/** The shared numbers, each an Int32. */
export const stateAt = {
  /** Names looked at so far. */
  names: 0,
  /** 1 while the file system is asked, 0 while masks are matched. */
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

/** Whether the thread waits for credit now: without any it may still be working towards its next frame. */
export function waitsForCredit(state: Int32Array): boolean {
  return Atomics.load(state, stateAt.waiting) === 1 && Atomics.load(state, stateAt.credit) === 0;
}

/** Add `count` to a number on which the thread may wait: it waits for credit alone. */
export function notify(state: Int32Array, at: number, count = 1): void {
  Atomics.add(state, at, count);
  Atomics.notify(state, stateAt.credit);
}
