/** The sort keys of names, by row. Most names of a folder begin alike: keys without the common prefix distinguish more names. */
import {longer} from './longer.ts';
import {nameKey, sharedPrefix} from './name-keys.ts';

/** Names that are sampled to find their common prefix, again whenever the number of rows has doubled. */
const sampleSize = 64;
const firstLook = 1024;

export class KeyColumn {
  readonly #nameOf: (row: number) => string;
  #keys = new Float64Array(64);
  #size = 0;
  #nextLook = firstLook;
  // The prefix that the keys leave out.
  #prefix = '';

  /** @param nameOf gives the name of a row that was added. */
  constructor(nameOf: (row: number) => string) {
    this.#nameOf = nameOf;
  }

  /** Add the key of the next row. */
  push(name: string): void {
    if (this.#size === this.#nextLook) {
      this.#nextLook *= 2;
      this.#findKeys();
    }

    if (this.#size === this.#keys.length) {
      this.#keys = new Float64Array(longer(this.#keys));
    }

    this.#keys[this.#size++] = nameKey(name, this.#prefix);
  }

  /** The key of a row, as `nameKey` makes it. */
  at(row: number): number {
    return this.#keys[row] ?? 0;
  }

  /** The keys as they are now: NaN for every row once the common prefix has changed, because older keys differ from newer ones. */
  current(): (row: number) => number {
    const prefix = this.#prefix;
    return row => (prefix === this.#prefix ? this.at(row) : Number.NaN);
  }

  #findKeys(): void {
    const prefix = sharedPrefix(this.#sample());
    if (prefix !== this.#prefix) {
      this.#prefix = prefix;
      for (let row = 0; row < this.#size; row++) {
        this.#keys[row] = nameKey(this.#nameOf(row), prefix);
      }
    }
  }

  /** A sample of the names. */
  #sample(): string[] {
    const step = this.#size / sampleSize;
    return Array.from({length: sampleSize}, (_, index) => this.#nameOf(Math.floor(index * step)));
  }
}
