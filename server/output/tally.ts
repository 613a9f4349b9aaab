/**
 * Counts something that may happen any number of times, and tells of it at a bounded rate: of the first
 * one at once, of those that follow together, once in `everyMs`.
 */
export class Tally {
  readonly #everyMs: number;
  readonly #tell: (count: number) => void;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param tell is called with how many there were since it was called last. */
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

  /** Tell of those that were not told of yet, and stop. */
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
