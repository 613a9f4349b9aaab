import {Buffer} from 'node:buffer';
import {closeSync, openSync, readSync} from 'node:fs';

const buffer = Buffer.alloc(64);

/**
 * The time that this thread has waited for a processor. On a busy machine, a call can seem slow although it did not wait
 * for the disk. Only Linux shows this time; elsewhere it is 0.
 */
export class RunDelay {
  /** Undefined if the system does not show the time, and after `close`. */
  #descriptor: number | undefined;

  constructor() {
    try {
      this.#descriptor = openSync('/proc/thread-self/schedstat', 'r');
    } catch {
      this.#descriptor = undefined;
    }
  }

  /** The total delay since the thread began, in milliseconds. */
  get ms(): number {
    if (this.#descriptor === undefined) {
      return 0;
    }

    // Time on a processor, time waiting for one, number of turns; times in nanoseconds.
    const length = readSync(this.#descriptor, buffer, 0, buffer.length, 0);
    return Number(buffer.toString('latin1', 0, length).split(' ')[1] ?? 0) / 1e6;
  }

  close(): void {
    if (this.#descriptor !== undefined) {
      closeSync(this.#descriptor);
      this.#descriptor = undefined;
    }
  }
}
