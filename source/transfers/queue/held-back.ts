/**
 * Transfers whose place another client that shares the queue has not let go of yet: it worked on
 * them, or was about to, when they were stopped and put back in line. They wait in the queue, not in
 * a slot, and for so long only: who saves there may be at work on another transfer.
 */
import type {Row} from './row.ts';

const againEveryMs = 500;

/** What was not refused for so long is refused for another reason. */
const forgetAfterMs = 5000;

type Refused = {sinceMs: number; lastMs: number};

export class HeldBack {
  readonly #again: () => void;
  readonly #patienceMs: number;
  readonly #now: () => number;
  readonly #refused = new WeakMap<Row, Refused>();
  #rows: Row[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param again They can start again. */
  constructor(again: () => void, patienceMs = 10_000, now = () => performance.now()) {
    this.#again = again;
    this.#patienceMs = patienceMs;
    this.#now = now;
  }

  /** Keep `row` from starting for a moment. @returns false if that was done long enough. */
  add(row: Row): boolean {
    const now = this.#now();
    const before = this.#refused.get(row);
    const sinceMs =
      before === undefined || now - before.lastMs > forgetAfterMs ? now : before.sinceMs;
    if (now - sinceMs >= this.#patienceMs) {
      this.#refused.delete(row);
      return false;
    }

    this.#refused.set(row, {sinceMs, lastMs: now});
    row.heldBack = true;
    this.#rows.push(row);
    this.#timer ??= setTimeout(() => this.#release(), againEveryMs);
    return true;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #release(): void {
    this.#timer = undefined;
    for (const row of this.#rows.splice(0)) {
      row.heldBack = false;
    }

    this.#again();
  }
}
