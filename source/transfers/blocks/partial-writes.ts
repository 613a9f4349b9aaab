/** Writes in progress to one partial. Flushes the data now and then, and leaves holes for blocks of zeros. */
import type {Buffer} from 'node:buffer';
import {blockSize} from '../../../protocol/block.ts';
import type {PartialFile} from '../disk/partial-file.ts';
import {isZeros} from '../disk/zeros.ts';

/** Bytes between two flushes: few enough to lose little in a crash, enough to cost no speed. */
const bytesBetweenFlushes = 64 * blockSize;

export class PartialWrites {
  readonly #partial: PartialFile;
  readonly #failed: (error: unknown) => void;
  readonly #pending = new Set<Promise<void>>();
  #sinceFlush = 0;
  #flushing = false;

  /** @param failed called if a flush fails. A write that fails rejects the promise of `add`. */
  constructor(partial: PartialFile, failed: (error: unknown) => void) {
    this.#partial = partial;
    this.#failed = failed;
  }

  /**
   * Write a block, from the front of `memory`, at `offset`. A block of zeros becomes a hole if the file had nothing
   * there. Zeros are written over other bytes, and over space that another program has preallocated.
   */
  add(memory: Buffer, length: number, offset: number): Promise<void> {
    if (this.#partial.isHoleFrom(offset) && isZeros(memory.subarray(0, length))) {
      return this.#leaveHole(length, offset);
    }

    this.#sinceFlush += length;
    const written = this.#partial.write(memory, length, offset);
    this.#track(written);
    if (this.#sinceFlush >= bytesBetweenFlushes && !this.#flushing) {
      this.#sinceFlush = 0;
      this.#flushing = true;
      const flushed = this.#partial.flushData().finally(() => {
        this.#flushing = false;
      });
      // The system reports a failed write only once for a descriptor, so the flush at the end would succeed.
      flushed.catch(this.#failed);
      this.#track(flushed);
    }

    return written;
  }

  /** Resolves when no call uses the descriptor any more, even if calls have failed. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) {
      await Promise.allSettled(this.#pending);
    }
  }

  async #leaveHole(length: number, offset: number): Promise<void> {
    this.#partial.leaveHole(length, offset);
  }

  #track(work: Promise<void>): void {
    this.#pending.add(work);
    work.catch(() => undefined).finally(() => this.#pending.delete(work));
  }
}
