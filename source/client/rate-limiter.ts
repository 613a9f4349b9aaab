/** A limit in bytes a second that several connections share: a token bucket that may go into debt. */
export class RateLimiter {
  #bytesPerSecond: number | undefined;
  #balance = 0;
  #filledAtMs: number;
  readonly #now: () => number;

  /** @param bytesPerSecond undefined: no limit. */
  constructor(bytesPerSecond: number | undefined, now: () => number = () => performance.now()) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#now = now;
    this.#filledAtMs = now();
  }

  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond;
  }

  set bytesPerSecond(value: number | undefined) {
    this.#bytesPerSecond = value;
    this.#balance = 0;
  }

  /** Spend `bytes`. @returns milliseconds to wait before any more are taken. */
  spend(bytes: number): number {
    if (this.#bytesPerSecond === undefined) {
      return 0;
    }

    const now = this.#now();
    // A tenth of a second may be saved up, so that a slow start is not made up for in a burst.
    this.#balance = Math.min(
      this.#bytesPerSecond / 10,
      this.#balance + ((now - this.#filledAtMs) / 1000) * this.#bytesPerSecond,
    );
    this.#filledAtMs = now;
    this.#balance -= bytes;
    return this.#balance >= 0 ? 0 : (-this.#balance / this.#bytesPerSecond) * 1000;
  }
}
