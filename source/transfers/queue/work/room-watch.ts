/**
 * Checks every two seconds whether there is room again for transfers that stopped for lack of it, and resumes those
 * that fit. The timer stops when no transfer waits and none of the resumed ones is still open.
 */

import type {OpenFolder} from '../../disk/folders/target-folder.ts';
import type {Room} from '../../disk/room.ts';
import {type Row, sizeOf} from '../rows/row.ts';

const lookEveryMs = 2000;

/** Free bytes do not show a quota: a transfer that stops again and again is tried less and less often. */
const longestWaitMs = 60_000;

type RoomWatchOptions = {
  room: Room;
  /** The waiting transfers, in queue order. */
  waiting(): Iterable<Row>;
  /** Whether a transfer has neither ended nor been cleared. */
  isOpen(id: number): boolean;
  /** The open target folder of a transfer; undefined if it does not exist: its disk may be gone. */
  folderOf(row: Row): OpenFolder | undefined;
  goOn(ids: readonly number[]): void;
  now?: () => number;
};

type Attempt = {verifiedBytes: number; waitMs: number; againAtMs: number};

export class RoomWatch {
  readonly #options: RoomWatchOptions;
  readonly #now: () => number;
  readonly #attempts = new Map<number, Attempt>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RoomWatchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** `row` has stopped for lack of room. */
  add(row: Row): void {
    const {verifiedBytes} = row.work;
    const before = this.#attempts.get(row.id);
    const stuck = before?.verifiedBytes === verifiedBytes;
    const waitMs = stuck ? Math.min(longestWaitMs, before.waitMs * 2) : lookEveryMs;
    const againAtMs = this.#now() + waitMs;
    this.#attempts.set(row.id, {verifiedBytes, waitMs, againAtMs});
    this.start();
  }

  /** Start the timer, if it is not running. */
  start(): void {
    this.#timer ??= setInterval(() => this.look(), lookEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Resume the transfers for which there is room. */
  look(): void {
    this.#forgetEnded();
    const rows = [...this.#options.waiting()];
    if (rows.length === 0 && this.#attempts.size === 0) {
      this.stop();
    }

    const freeBytes = new Map<number, number>();
    const fitting = rows.filter(row => {
      const free = this.#freeFor(row, freeBytes);
      const neededBytes = Math.max(1, (sizeOf(row) ?? 0) - row.work.verifiedBytes);
      const attempt = this.#attempts.get(row.id);
      const fits = neededBytes <= free.bytes && this.#now() >= (attempt?.againAtMs ?? 0);
      if (fits) {
        freeBytes.set(free.device, free.bytes - neededBytes);
      }

      return fits;
    });
    if (fitting.length > 0) {
      this.#options.goOn(fitting.map(({id}) => id));
    }
  }

  #forgetEnded(): void {
    for (const id of this.#attempts.keys()) {
      if (!this.#options.isOpen(id)) {
        this.#attempts.delete(id);
      }
    }
  }

  /** The disk of `row`, and the bytes that are free for it after the rows before it. */
  #freeFor(row: Row, left: Map<number, number>): {device: number; bytes: number} {
    const folder = this.#options.folderOf(row);
    if (folder === undefined) {
      return {device: -1, bytes: 0};
    }

    try {
      const free = this.#options.room.free(folder);
      // If the system does not report free space, the transfer must try.
      return free === undefined
        ? {device: -1, bytes: Number.POSITIVE_INFINITY}
        : {device: free.device, bytes: left.get(free.device) ?? free.bytes};
    } finally {
      folder.release();
    }
  }
}
