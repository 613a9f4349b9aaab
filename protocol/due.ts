/** Tells running work when an interval has passed. The work asks from time to time, so there is no timer. */
export class Due {
  readonly #everyMs: number;
  readonly #now: () => number;
  #sinceMs: number;

  constructor(everyMs: number, now: () => number = () => performance.now()) {
    this.#everyMs = everyMs;
    this.#now = now;
    this.#sinceMs = now();
  }

  /** Whether the interval has passed; if so, a new one begins. */
  passed(): boolean {
    const nowMs = this.#now();
    if (nowMs - this.#sinceMs < this.#everyMs) {
      return false;
    }

    this.#sinceMs = nowMs;
    return true;
  }

  /** Begin a new interval. */
  restart(): void {
    this.#sinceMs = this.#now();
  }
}
