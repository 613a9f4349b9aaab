/**
 * How many transfers to ask the database for beyond those that begin now. Files that take a moment
 * each would have it written to for every one; asked for together, a few times a second is enough.
 */

/** What is asked for within so long of the last time was too little. */
const soonMs = 700;

/** What is asked for so long after the last time was more than needed. */
const longMs = 1500;

/** Asked for in one turn of the event loop: says nothing of how long they take. */
const sameTurnMs = 5;

const most = 2048;

/** What was asked for ahead and has not begun after so long is for others again. */
export const aheadMs = 2000;

export class LookAhead {
  readonly #now: () => number;
  #count = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** How many more to ask for, now that `count` are asked for. */
  beyond(count: number): number {
    const now = this.#now();
    const sinceMs = now - this.#askedAtMs;
    this.#askedAtMs = now;
    if (sinceMs > longMs) {
      this.#count = Math.floor(this.#count / 4);
    } else if (sinceMs > sameTurnMs && sinceMs < soonMs) {
      this.#count = Math.min(most, Math.max(count, 4 * this.#count));
    }

    return this.#count;
  }
}
