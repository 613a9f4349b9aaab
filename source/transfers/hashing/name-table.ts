/**
 * A map from names to numbers, for millions of names. The names themselves are not stored, only a 64-bit hash of each,
 * with a secret random seed. Among five million names, the chance that two have the same hash is one in a million.
 */
import {randomFillSync} from 'node:crypto';

const firstSlots = 1024;
/** A fuller table grows by a quarter. Doubling would leave up to a million unused slots after a million names. */
const fullest = 0.8;
const growth = 1.25;

export class NameTable {
  readonly #seeds = randomFillSync(new Uint32Array(3));
  /** A hash table with open addressing and linear probing. The value 0 marks a free slot. */
  #highs = new Uint32Array(firstSlots);
  #lows = new Uint32Array(firstSlots);
  #values = new Uint32Array(firstSlots);
  #size = 0;

  /** Number of names in the table. */
  get size(): number {
    return this.#size;
  }

  /** The number of `name`; undefined if it has none. */
  get(name: string): number | undefined {
    const value = this.#values[this.#slotOf(...this.#hashesOf(name))];
    return value === 0 ? undefined : value;
  }

  /** Set the number of `name`, from 1 to 2^32 - 1. @returns its previous number; undefined if it had none. */
  set(name: string, value: number): number | undefined {
    const [high, low] = this.#hashesOf(name);
    const slot = this.#slotOf(high, low);
    const before = this.#values[slot] || undefined;
    this.#write(slot, high, low, value);
    if (before === undefined) {
      this.#added();
    }

    return before;
  }

  /** Set the number of `name`, unless it has one. @returns its previous number; undefined if it had none. */
  setNew(name: string, value: number): number | undefined {
    const [high, low] = this.#hashesOf(name);
    const slot = this.#slotOf(high, low);
    const before = this.#values[slot] || undefined;
    if (before === undefined) {
      this.#write(slot, high, low, value);
      this.#added();
    }

    return before;
  }

  /** Remove `name`. */
  delete(name: string): void {
    const slots = this.#values.length;
    let free = this.#slotOf(...this.#hashesOf(name));
    this.#size -= this.#values[free] === 0 ? 0 : 1;
    for (let slot = (free + 1) % slots; this.#values[free] !== 0; slot = (slot + 1) % slots) {
      const {[slot]: high = 0} = this.#highs;
      const {[slot]: low = 0} = this.#lows;
      const {[slot]: value = 0} = this.#values;
      const moved = (slot - free + slots) % slots;
      // A search for a name begins at the name's own slot, so names behind the free slot are moved up where that is
      // allowed.
      if (value === 0 || (slot - this.#firstFor(low) + slots) % slots >= moved) {
        this.#write(free, high, low, value);
        free = slot;
      }
    }
  }

  /** A number that stands for `name`, from 1 to 2^32 - 1, to be stored as the number of another name. */
  markOf(name: string): number {
    return hashOf(name, this.#seeds[2] ?? 0, 2_246_822_507) || 1;
  }

  #hashesOf(name: string): [high: number, low: number] {
    const [high = 0, low = 0] = this.#seeds;
    return [hashOf(name, high, 2_654_435_761), hashOf(name, low, 1_597_334_677)];
  }

  /** The slot with these hashes, or the free slot where they belong. */
  #slotOf(high: number, low: number): number {
    const slots = this.#values.length;
    let slot = this.#firstFor(low);
    while (this.#values[slot] !== 0 && (this.#lows[slot] !== low || this.#highs[slot] !== high)) {
      slot = slot + 1 === slots ? 0 : slot + 1;
    }

    return slot;
  }

  /** The slot where the search for a name with this hash begins. */
  #firstFor(low: number): number {
    return Math.floor(low * (this.#values.length / 2 ** 32));
  }

  #write(slot: number, high: number, low: number, value: number): void {
    this.#highs[slot] = high;
    this.#lows[slot] = low;
    this.#values[slot] = value;
  }

  #added(): void {
    this.#size++;
    if (this.#size > this.#values.length * fullest) {
      this.#grow();
    }
  }

  #grow(): void {
    const [highs, lows, values] = [this.#highs, this.#lows, this.#values];
    const slots = Math.ceil(values.length * growth);
    this.#highs = new Uint32Array(slots);
    this.#lows = new Uint32Array(slots);
    this.#values = new Uint32Array(slots);
    for (let at = 0; at < values.length; at++) {
      const {[at]: high = 0} = highs;
      const {[at]: low = 0} = lows;
      const {[at]: value = 0} = values;
      if (value !== 0) {
        this.#write(this.#slotOf(high, low), high, low, value);
      }
    }
  }
}

/** A 32-bit hash that depends on every character and on `seed`. */
function hashOf(name: string, seed: number, factor: number): number {
  let hash = seed;
  for (let at = 0; at < name.length; at++) {
    hash = Math.imul(hash ^ name.charCodeAt(at), factor);
    hash ^= hash >>> 15;
  }

  hash = Math.imul(hash ^ (hash >>> 16), 2_246_822_507);
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
  return (hash ^ (hash >>> 16)) >>> 0;
}
