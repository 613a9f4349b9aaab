const longestTimerMs = 2_147_483_647;

/** A limit in bytes a second that several connections share: a token bucket that may go into debt. */
export class RateLimiter {
  #bytesPerSecond: number | undefined;
  #balance = 0;
  #filledAtMs: number;
  readonly #now: () => number;
  /** Ends each wait that goes on. */
  readonly #waits = new Set<() => void>();

  /** @param bytesPerSecond undefined: no limit. */
  constructor(bytesPerSecond: number | undefined, now: () => number = () => performance.now()) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#now = now;
    this.#filledAtMs = now();
  }

  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond;
  }

  /** Waits that the old limit asked for end at once, and the new one holds. */
  set bytesPerSecond(value: number | undefined) {
    if (value === this.#bytesPerSecond) {
      return;
    }

    this.#bytesPerSecond = value;
    this.#balance = 0;
    for (const goOn of [...this.#waits]) {
      goOn();
    }
  }

  /** Bytes to take at once, so that each wait is short; undefined: any number. */
  get portion(): number | undefined {
    return this.#bytesPerSecond === undefined
      ? undefined
      : Math.max(512, Math.ceil(this.#bytesPerSecond / 8));
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

  /**
   * Calls `then` after `waitMs`, or as soon as there is another limit.
   *
   * @returns a function that calls it off.
   */
  wait(waitMs: number, then: () => void): () => void {
    const callOff = () => {
      clearTimeout(timer);
      this.#waits.delete(goOn);
    };
    const goOn = () => {
      callOff();
      then();
    };
    // A longer time than a timer can take would be none at all.
    const timer = setTimeout(goOn, Math.min(waitMs, longestTimerMs));
    this.#waits.add(goOn);
    return callOff;
  }
}
