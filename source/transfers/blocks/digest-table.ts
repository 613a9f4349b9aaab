/** Finds the block that has a given digest, in little memory: 8 to 16 bytes a block. */
import type {Buffer} from 'node:buffer';
import {digestSize} from '../../../protocol/block.ts';

export class DigestTable {
  readonly #digests: Buffer;
  /**
   * A hash table with open addressing. A slot holds the index of a block plus one; 0 means free. The first bytes of the
   * digest give the slot.
   */
  readonly #slots: Uint32Array;

  /** @param digests 32 bytes each, one after the other. Of equal digests the first is found. */
  constructor(digests: Buffer) {
    const count = Math.floor(digests.length / digestSize);
    this.#digests = digests;
    // At most half full, so that a search is short.
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(1, 2 * count))));
    for (let index = 0; index < count; index++) {
      const slot = this.#slotOf(digests, index * digestSize);
      this.#slots[slot] ||= index + 1;
    }
  }

  /** The block whose digest equals the one at `at` in `digests`; -1 if there is none. */
  find(digests: Buffer, at: number): number {
    return (this.#slots[this.#slotOf(digests, at)] ?? 0) - 1;
  }

  /** The slot of that digest, or the free slot where it belongs. */
  #slotOf(digests: Buffer, at: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = digests.readUInt32LE(at) & mask; ; slot = (slot + 1) & mask) {
      const start = ((this.#slots[slot] ?? 0) - 1) * digestSize;
      if (
        start < 0 ||
        digests.compare(this.#digests, start, start + digestSize, at, at + digestSize) === 0
      ) {
        return slot;
      }
    }
  }
}
