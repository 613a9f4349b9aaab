/**
 * The request to end soon. Nothing new begins. Blocks and files that are already arriving may complete within a time
 * limit; work with nothing in hand stops at once.
 */
export class Ending {
  readonly #listeners = new Set<() => void>();
  #untilMs: number | undefined;

  get begun(): boolean {
    return this.#untilMs !== undefined;
  }

  /** Milliseconds left for work in hand; infinite before `begin`. */
  get leftMs(): number {
    return this.#untilMs === undefined
      ? Number.POSITIVE_INFINITY
      : this.#untilMs - performance.now();
  }

  /** End within `withinMs`, counted from now. */
  begin(withinMs: number): void {
    if (this.#untilMs === undefined) {
      this.#untilMs = performance.now() + withinMs;
      for (const listener of [...this.#listeners]) {
        listener();
      }
    }
  }

  /**
   * Calls `listener` when the ending begins; at once if it has begun. @returns a function that removes the listener.
   */
  onBegin(listener: () => void): () => void {
    if (this.begun) {
      listener();
    } else {
      this.#listeners.add(listener);
    }

    return () => this.#listeners.delete(listener);
  }
}
