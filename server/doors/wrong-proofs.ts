/**
 * Counts the wrong proofs of each address, and decides how long the next proof of that address waits. Only time ends the
 * count: otherwise somebody who has one token could log in after each guess at another one, and so guess without waiting.
 */

const firstMs = 250;
/** The longest wait; a client gives a login up after 10 s. */
const mostWaitMs = 8000;
/** The count of an address ends after so many milliseconds without a wrong proof. */
const forgetMs = 600_000;
/** The most addresses to remember; beyond that, the oldest is dropped. */
const mostAddresses = 10_000;

export class WrongProofs {
  // In the order of the last wrong proof.
  readonly #counts = new Map<string, {count: number; atMs: number}>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** How long the next proof of `address` has to wait, in milliseconds: 0 if the server may judge it now. */
  waitMs(address: string): number {
    const last = this.#counts.get(address);
    return last === undefined ? 0 : Math.max(0, last.atMs + delayAfter(last.count) - this.#nowMs());
  }

  /** Count a wrong proof from `address`. @returns the count, and the wait of the next proof in milliseconds. */
  add(address: string): {count: number; delayMs: number} {
    const now = this.#nowMs();
    const before = this.#counts.get(address);
    const isFresh = before !== undefined && now - before.atMs < forgetMs;
    const count = isFresh ? before.count + 1 : 1;
    this.#counts.delete(address);
    this.#counts.set(address, {count, atMs: now});
    if (this.#counts.size > mostAddresses) {
      const [oldest = ''] = this.#counts.keys();
      this.#counts.delete(oldest);
    }

    return {count, delayMs: delayAfter(count)};
  }
}

function delayAfter(count: number): number {
  return Math.min(mostWaitMs, firstMs * 2 ** Math.min(count - 1, 10));
}
