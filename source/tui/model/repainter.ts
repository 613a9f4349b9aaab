/**
 * Repaints the screen after a change: at once after a key, and at most every 100 ms for changes in the background,
 * because each picture costs a layout of the screen. The timer runs only between a change and its picture.
 */

const backgroundMs = 100;

/** A user does not notice that a picture comes so much later. */
const shortMs = 30;

export class Repainter {
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  // When the timer fires, on the clock of `performance.now`.
  #due = 0;
  #scheduled = false;
  #last = 0;
  #version = 0;

  /** The number of changes so far: between two equal numbers nothing has changed. */
  get version(): number {
    return this.#version;
  }

  /** @returns a function that ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Repaint at the end of this turn of the event loop. */
  now(): void {
    this.#version++;
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => this.flush());
    }
  }

  /** Repaint at once if `now` was called in this turn. */
  flush(): void {
    if (this.#scheduled) {
      this.#tell();
    }
  }

  /** Repaint now, or as soon as 100 ms have passed since the last time. */
  soon(): void {
    this.#version++;
    const wait = this.#last + backgroundMs - performance.now();
    if (wait <= 0) {
      this.now();
    } else {
      this.#within(wait);
    }
  }

  /** Repaint in 30 ms: for a change that is usually followed by another, which is painted at once. */
  shortly(): void {
    this.#version++;
    this.#within(shortMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #within(ms: number): void {
    const due = performance.now() + ms;
    if (this.#timer === undefined || due < this.#due) {
      clearTimeout(this.#timer);
      this.#due = due;
      this.#timer = setTimeout(() => this.#tell(), ms);
    }
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#scheduled = false;
    this.#last = performance.now();
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
