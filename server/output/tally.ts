/**
 * Counts events and reports them at a bounded rate: the first event at once, later ones together, once in `everyMs`.
 */
export class Tally {
  readonly #everyMs: number;
  readonly #tell: (count: number) => void;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param tell called with the number of events since its last call. */
  constructor(everyMs: number, tell: (count: number) => void) {
    this.#everyMs = everyMs;
    this.#tell = tell;
  }

  add(): void {
    this.#count++;
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#tellOrStop(), this.#everyMs).unref();
      this.#tellNow();
    }
  }

  /** Report events that are not reported yet, and stop. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#count > 0) {
      this.#tellNow();
    }
  }

  #tellOrStop(): void {
    if (this.#count > 0) {
      this.#tellNow();
    } else {
      this.close();
    }
  }

  #tellNow(): void {
    const count = this.#count;
    this.#count = 0;
    this.#tell(count);
  }
}
