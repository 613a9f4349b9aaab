/** Numbers that look random and are the same for the same seed. */
export class Random {
  #state: number;

  /** `salt` gives each part of a run numbers of its own, whatever the other parts draw. */
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

  /** True in `share` of the cases. */
  chance(share: number): boolean {
    return this.fraction() < share;
  }

  /** @throws if there is nothing to choose from. */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) {
      throw new Error('There is nothing to choose from');
    }

    // The index is that of an item, which may be undefined itself.
    return items[this.between(0, items.length - 1)] as Item;
  }

  /** One of the keys of `weights`, as often as its weight says. */
  weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key {
    // Object.keys gives string[], whatever the keys of its argument are.
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

  // mulberry32
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  }
}
