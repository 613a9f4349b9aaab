/**
 * Tells readers that something has changed: after a key at once, and for what goes on in the
 * background at most every 33 ms, because each change that is shown costs a layout of the screen.
 * There is a timer only between a change and its telling.
 */

const backgroundMs = 33;

export class Repainter {
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  #last = 0;
  #version = 0;

  /** Counts changes: another number says that something is other than it was. */
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

  /** Tell once all that this turn of the event loop changes is changed. */
  now(): void {
    this.#version++;
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => this.#tell());
    }
  }

  /** Tell now, or as soon as the last time is long enough ago. */
  soon(): void {
    this.#version++;
    const wait = this.#last + backgroundMs - performance.now();
    if (wait <= 0) {
      this.now();
    } else {
      this.#timer ??= setTimeout(() => this.#tell(), wait);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
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
