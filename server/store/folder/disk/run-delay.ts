import {Buffer} from 'node:buffer';
import {closeSync, openSync, readSync} from 'node:fs';

const buffer = Buffer.alloc(64);

/**
 * The time that this thread has waited for a processor. On a busy machine a call seems to take long
 * that did not wait for the disk at all. Linux alone tells it; elsewhere it is 0.
 */
export class RunDelay {
  /** Undefined where the system does not tell it, and once this is closed. */
  #descriptor: number | undefined;

  constructor() {
    try {
      this.#descriptor = openSync('/proc/thread-self/schedstat', 'r');
    } catch {
      this.#descriptor = undefined;
    }
  }

  /** Milliseconds since the thread began. */
  get ms(): number {
    if (this.#descriptor === undefined) {
      return 0;
    }

    // Time on a processor, time of waiting for one, turns; times in nanoseconds.
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
