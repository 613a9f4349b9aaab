/**
 * Tells listeners which transfers have changed: at once, but not more often than a screen can show.
 * A counter does not cause a telling of its own; it goes with the next one.
 */
const minGapMs = 16;

/** Hears the ids of transfers that are other than when it was last told, cleared ones too. */
export type ChangeListener = (changed: ReadonlySet<number>) => void;

export class Publisher {
  readonly #before: () => void;
  readonly #listeners = new Set<ChangeListener>();
  #changed = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  /** @param before is called at every change, told or not: to drop what was made from the old state. */
  constructor(before: () => void) {
    this.#before = before;
  }

  /** @returns a function that ends it. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A counter of a transfer has changed. */
  later(id: number): void {
    this.#before();
    this.#note([id]);
  }

  /** Transfers, or totals, have changed: tell within 16 ms, several changes together. */
  soon(ids: readonly number[] = []): void {
    this.#before();
    this.#note(ids);
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
