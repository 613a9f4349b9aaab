/**
 * A token bucket that all connections share. It holds the bytes of a twentieth of a second, so that the flow is smooth,
 * and serves waiting connections in the order of arrival.
 */
const bucketMs = 50;
const largestSlice = 65_536;

/** Limits the rate of bytes. */
export type Limiter = {
  /** The most bytes to take at once. */
  readonly sliceSize: number;
  /** Wait until `bytes` may be sent; at most `sliceSize`. */
  take(bytes: number): Promise<void>;
};

export class SendLimiter implements Limiter {
  readonly #bytesPerMs: number;
  readonly #capacity: number;
  #tokens = 0;
  #filledAt = performance.now();
  #last: Promise<void> = Promise.resolve();

  /** @param bytesPerSecond at least 1. */
  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#capacity = this.#bytesPerMs * bucketMs;
  }

  get sliceSize(): number {
    return Math.max(1, Math.min(largestSlice, Math.floor(this.#capacity)));
  }

  take(bytes: number): Promise<void> {
    this.#last = this.#last.then(() => this.#wait(bytes));
    return this.#last;
  }

  async #wait(bytes: number): Promise<void> {
    this.#fill();
    while (this.#tokens < Math.min(bytes, this.#capacity)) {
      const missing = Math.min(bytes, this.#capacity) - this.#tokens;
      await new Promise(resolve => setTimeout(resolve, Math.ceil(missing / this.#bytesPerMs)));
      this.#fill();
    }

    this.#tokens -= bytes;
  }

  #fill(): void {
    const now = performance.now();
    const filled = this.#tokens + (now - this.#filledAt) * this.#bytesPerMs;
    this.#tokens = Math.min(this.#capacity, filled);
    this.#filledAt = now;
  }
}
