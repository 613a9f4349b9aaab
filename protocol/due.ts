/** Says when a time has passed again. It is asked by work that goes on anyway, so it needs no timer. */
export class Due {
  readonly #everyMs: number;
  readonly #now: () => number;
  #sinceMs: number;

  constructor(everyMs: number, now: () => number = () => performance.now()) {
    this.#everyMs = everyMs;
    this.#now = now;
    this.#sinceMs = now();
  }

  /** Whether the time has passed; if so, it begins again. */
  passed(): boolean {
    const nowMs = this.#now();
    if (nowMs - this.#sinceMs < this.#everyMs) {
      return false;
    }

    this.#sinceMs = nowMs;
    return true;
  }

  /** Begin the time again. */
  restart(): void {
    this.#sinceMs = this.#now();
  }
}
