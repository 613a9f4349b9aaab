const longestTimerMs = 2_147_483_647;

/** A limit in bytes a second for several connections together: a token bucket that may go into debt. */
export class RateLimiter {
  #bytesPerSecond: number | undefined;
  #balance = 0;
  #filledAtMs: number;
  readonly #now: () => number;
  /** Functions that end each pending wait. */
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

  /** Pending waits of the old limit end at once; the new limit applies from now on. */
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

  /** Most bytes to read at once, so that each wait is short; undefined: any number. */
  get portion(): number | undefined {
    return this.#bytesPerSecond === undefined
      ? undefined
      : Math.max(512, Math.ceil(this.#bytesPerSecond / 8));
  }

  /** Spend `bytes`. @returns milliseconds to wait before reading more. */
  spend(bytes: number): number {
    if (this.#bytesPerSecond === undefined) {
      return 0;
    }

    const now = this.#now();
    // The bucket holds a tenth of a second, so that a slow start is not followed by a burst.
    this.#balance = Math.min(
      this.#bytesPerSecond / 10,
      this.#balance + ((now - this.#filledAtMs) / 1000) * this.#bytesPerSecond,
    );
    this.#filledAtMs = now;
    this.#balance -= bytes;
    return this.#balance >= 0 ? 0 : (-this.#balance / this.#bytesPerSecond) * 1000;
  }

  /**
   * Calls `then` after `waitMs`, or as soon as the limit changes.
   *
   * @returns a function that cancels the wait.
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
    // A timer with a longer time than this would fire at once.
    const timer = setTimeout(goOn, Math.min(waitMs, longestTimerMs));
    this.#waits.add(goOn);
    return callOff;
  }
}
