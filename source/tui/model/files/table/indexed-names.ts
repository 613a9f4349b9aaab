/**
 * Names by row, and rows by name. The hash table that finds a row takes about six bytes a name:
 *
 *     hash of the name ──▶ a slot near its place in the order of all hashes: [ 10 bits of the hash | row + 1 ]
 */
import {hashOf, NameStore} from './name-store.ts';

/** Bits of a slot that hold the row; the others hold a part of the hash of the name. */
const rowBits = 22;
const rowMask = 2 ** rowBits - 1;
/** More rows than any folder shows. */
const mostRows = 2 ** (rowBits - 1);

const firstSlots = 64;
/** A fuller table grows by half: with twice the slots, a million names would leave room for another million. */
const fullest = 0.8;
const growth = 1.5;

export class IndexedNames {
  readonly #names = new NameStore();
  // Linear probing; 0 in free slots.
  #slots = new Uint32Array(firstSlots);

  get size(): number {
    return this.#names.size;
  }

  at(row: number): string {
    return this.#names.at(row);
  }

  find(name: string): number | undefined {
    const found = this.#slots[this.#slotOf(name, hashOf(name))] ?? 0;
    return found === 0 ? undefined : (found & rowMask) - 1;
  }

  /**
   * @returns the row; undefined if the name has one already.
   * @throws RangeError for more than two million rows (2,097,152).
   */
  add(name: string): number | undefined {
    const hash = hashOf(name);
    const slot = this.#slotOf(name, hash);
    if (this.#slots[slot] !== 0) {
      return undefined;
    }

    const row = this.size;
    if (row === mostRows) {
      throw new RangeError(`A table holds ${mostRows} rows at most`);
    }

    this.#names.add(name);
    this.#slots[slot] = filled(row, hash);
    if (this.size > this.#slots.length * fullest) {
      this.#grow();
    }

    return row;
  }

  /** The slot of that name, or the free slot where it would go. */
  #slotOf(name: string, hash: number): number {
    let slot = this.#firstFor(hash);
    for (;;) {
      const found = this.#slots[slot] ?? 0;
      const isLikely = found >>> rowBits === filled(0, hash) >>> rowBits;
      if (found === 0 || (isLikely && this.at((found & rowMask) - 1) === name)) {
        return slot;
      }

      slot = this.#after(slot);
    }
  }

  /** The slot where the search for a name with this hash begins. */
  #firstFor(hash: number): number {
    return Math.floor(hash * (this.#slots.length / 2 ** 32));
  }

  #after(slot: number): number {
    return slot + 1 === this.#slots.length ? 0 : slot + 1;
  }

  #grow(): void {
    const slots = Math.ceil(this.#slots.length * growth);
    // This frees the old table now, not at the next garbage collection.
    this.#slots.buffer.transfer(0);
    this.#slots = new Uint32Array(slots);
    this.#names.eachHash((row, hash) => {
      let slot = this.#firstFor(hash);
      while (this.#slots[slot] !== 0) {
        slot = this.#after(slot);
      }

      this.#slots[slot] = filled(row, hash);
    });
  }
}

/** The place of a slot depends on the first bits of the hash, so the slot holds the last ones. */
function filled(row: number, hash: number): number {
  return ((hash << rowBits) | (row + 1)) >>> 0;
}
