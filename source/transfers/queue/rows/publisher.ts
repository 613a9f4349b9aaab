/**
 * Tells listeners which transfers have changed: at once, but not more often than a screen can show. A changed counter
 * causes no call of its own; it is reported with the next change.
 */
const minGapMs = 16;

/** Called with the ids of transfers that have changed since the last call, including cleared ones. */
export type ChangeListener = (changed: ReadonlySet<number>) => void;

export class Publisher {
  readonly #before: () => void;
  readonly #listeners = new Set<ChangeListener>();
  #changed = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  /**
   * @param before is called at every change, even if no listener is called: to drop values that were computed from the
   * old state.
   */
  constructor(before: () => void) {
    this.#before = before;
  }

  /** @returns a function that removes the listener. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A counter of a transfer has changed. */
  later(id: number): void {
    this.#before();
    this.#note([id]);
  }

  /** Transfers or totals have changed: call the listeners within 16 ms, once for several changes. */
  soon(ids: readonly number[] = []): void {
    this.#before();
    this.#note(ids);
    if (this.#timer === undefined && this.#listeners.size > 0) {
      const gapMs = performance.now() - this.#lastMs;
      this.#timer = setTimeout(() => this.now(), Math.max(0, minGapMs - gapMs));
    }
  }

  /** Call the listeners now. */
  now(): void {
    this.stop();
    this.#before();
    this.#lastMs = performance.now();
    const changed = this.#changed;
    this.#changed = new Set();
    for (const listener of this.#listeners) {
      listener(changed);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #note(ids: readonly number[]): void {
    if (this.#listeners.size > 0) {
      for (const id of ids) {
        this.#changed.add(id);
      }
    }
  }
}
