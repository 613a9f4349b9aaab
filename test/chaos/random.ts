/** Pseudo-random numbers: the same seed gives the same numbers. */
export class Random {
  #state: number;

  /** `salt` gives each part of a run its own numbers, which do not depend on what other parts draw. */
  constructor(seed: number, salt = 0) {
    this.#state = Math.imul(seed ^ Math.imul(salt + 1, 0x9e3779b1), 0x85ebca6b) >>> 0;
    this.#next();
  }

  /** From 0 up to but not including 1. */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** True with the probability `share`. */
  chance(share: number): boolean {
    return this.fraction() < share;
  }

  /** @throws if `items` is empty. */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) {
      throw new Error('There is nothing to choose from');
    }

    // The index is valid; the item itself may be undefined.
    return items[this.between(0, items.length - 1)] as Item;
  }

  /** One of the keys of `weights`. A weight says how often its key is drawn. */
  weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key {
    // The type of Object.keys is string[], whatever its argument is.
    const keys = Object.keys(weights) as Key[];
    let left = this.fraction() * keys.reduce((sum, key) => sum + weights[key], 0);
    for (const key of keys) {
      left -= weights[key];
      if (left < 0) {
        return key;
      }
    }

    return this.pick(keys);
  }

  bytes(length: number): Buffer {
    const words = new Uint32Array(Math.ceil(length / 4));
    for (let index = 0; index < words.length; index++) {
      words[index] = this.#next();
    }

    return Buffer.from(words.buffer, 0, length);
  }

  // The generator is mulberry32.
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  }
}
