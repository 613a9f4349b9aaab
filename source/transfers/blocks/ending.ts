/**
 * The wish to end soon. Nothing new begins; blocks and files that are arriving may come in until a
 * time limit, and work that has nothing in hand stops at once.
 */
export class Ending {
  readonly #listeners = new Set<() => void>();
  #untilMs: number | undefined;

  get begun(): boolean {
    return this.#untilMs !== undefined;
  }

  /** Milliseconds left for work in hand; infinite as long as it has not begun. */
  get leftMs(): number {
    return this.#untilMs === undefined
      ? Number.POSITIVE_INFINITY
      : this.#untilMs - performance.now();
  }

  /** From now on. */
  begin(withinMs: number): void {
    if (this.#untilMs === undefined) {
      this.#untilMs = performance.now() + withinMs;
      for (const listener of [...this.#listeners]) {
        listener();
      }
    }
  }

  /** Calls `listener` once it begins; at once if it has. @returns a function that ends it. */
  onBegin(listener: () => void): () => void {
    if (this.begun) {
      listener();
    } else {
      this.#listeners.add(listener);
    }

    return () => this.#listeners.delete(listener);
  }
}
