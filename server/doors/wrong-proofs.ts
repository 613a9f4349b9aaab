/** Counts wrong proofs for each address, and says how long the answer to the next one takes. */

const firstMs = 250;
const mostMs = 8000;
/** An address from which none came for so long begins anew, in milliseconds. */
const forgetMs = 600_000;
/** Addresses that are remembered; beyond, the oldest is forgotten. */
const mostAddresses = 10_000;

export class WrongProofs {
  // In the order of their last one.
  readonly #counts = new Map<string, {count: number; atMs: number}>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** One more from `address`. @returns the number of them, and the milliseconds until it may be told. */
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

  /** A right proof from `address`. @returns whether there were wrong ones. */
  forget(address: string): boolean {
    return this.#counts.delete(address);
  }
}
