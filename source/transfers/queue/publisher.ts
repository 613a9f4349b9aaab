/** Tells listeners that something changed: at once, but not more often than a screen can show. */
const minGapMs = 16;

export class Publisher {
  readonly #before: () => void;
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  /** @param before is called at every change, told or not: to drop what was made from the old state. */
  constructor(before: () => void) {
    this.#before = before;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something changed: tell within 16 ms, several changes together. */
  soon(): void {
    this.#before();
    if (this.#timer === undefined && this.#listeners.size > 0) {
      const gapMs = performance.now() - this.#lastMs;
      this.#timer = setTimeout(() => this.now(), Math.max(0, minGapMs - gapMs));
    }
  }

  /** Tell now. */
  now(): void {
    this.stop();
    this.#before();
    this.#lastMs = performance.now();
    for (const listener of this.#listeners) {
      listener();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
