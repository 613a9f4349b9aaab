/** Counts wrong proofs for each address, and decides how long the next answer is delayed. */

const firstMs = 250;
const mostMs = 8000;
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

  /** Count a wrong proof from `address`. @returns the count, and the delay of the answer in milliseconds. */
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

    return {count, delayMs: Math.min(mostMs, firstMs * 2 ** Math.min(count - 1, 10))};
  }

  /** Forget the wrong proofs of `address` after a right one. @returns whether there were any. */
  forget(address: string): boolean {
    return this.#counts.delete(address);
  }
}
