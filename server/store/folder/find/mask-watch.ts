/** Watches a search from another thread: detects masks that make no progress. */
import process from 'node:process';
import {stateAt, waitsForCredit} from './find-messages.ts';

/** Matching one name takes microseconds; masks that need this many milliseconds are hopeless. */
const hopelessMsPerName = 1;

export class MaskWatch {
  readonly #state: Int32Array;
  readonly #limitMs: number;
  readonly #timer: NodeJS.Timeout;
  #names = 0;
  #silentMs = 0;
  #matchingMs = 0;
  #lookedAt = performance.now();
  #usedMs = usedMs();

  /** `onHopeless` is called when matching makes no progress for `limitMs`, or is that slow on average. */
  constructor(state: Int32Array, limitMs: number, onHopeless: () => void) {
    this.#state = state;
    this.#limitMs = limitMs;
    this.#timer = setInterval(() => {
      if (this.#look()) {
        clearInterval(this.#timer);
        onHopeless();
      }
    }, limitMs / 8);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Whether the search is hopeless. */
  #look(): boolean {
    const now = performance.now();
    const used = usedMs();
    // If this thread was busy itself, count at most one interval; on a machine that is busy with other programs, count at
    // most the processor time of this process.
    const elapsed = Math.min(now - this.#lookedAt, this.#limitMs / 4, used - this.#usedMs);
    this.#lookedAt = now;
    this.#usedMs = used;
    const names = Atomics.load(this.#state, stateAt.names);
    const matches =
      Atomics.load(this.#state, stateAt.reading) === 0 && !waitsForCredit(this.#state);
    const moved = names !== this.#names;
    this.#names = names;
    this.#silentMs = moved || !matches ? 0 : this.#silentMs + elapsed;
    this.#matchingMs += matches ? elapsed : 0;
    const hopeless = Math.max(this.#limitMs, names * hopelessMsPerName);
    return this.#silentMs >= this.#limitMs || this.#matchingMs > hopeless;
  }
}

/** Processor time of all threads of this process together, in milliseconds. */
function usedMs(): number {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1000;
}
