/** Writes under way to one partial, with a flush of the data now and then; holes for blocks of zeros. */
import type {Buffer} from 'node:buffer';
import {blockSize} from '../../../protocol/block.ts';
import type {PartialFile} from '../disk/partial-file.ts';
import {isZeros} from '../disk/zeros.ts';

/** Bytes written between two flushes: often enough to lose little, too seldom to cost speed. */
const bytesBetweenFlushes = 64 * blockSize;

export class PartialWrites {
  readonly #partial: PartialFile;
  readonly #failed: (error: unknown) => void;
  readonly #pending = new Set<Promise<void>>();
  #sinceFlush = 0;
  #flushing = false;

  /** @param failed is told of a flush that fails; a write that fails rejects the promise of `add`. */
  constructor(partial: PartialFile, failed: (error: unknown) => void) {
    this.#partial = partial;
    this.#failed = failed;
  }

  /**
   * Write the front of `memory`, a block, at `offset`. Zeros are left as a hole where nothing was before;
   * they take the place of other bytes, and never that of room that somebody has set aside.
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
      // The system tells of a failed write once for a descriptor: the flush at the end would succeed.
      flushed.catch(this.#failed);
      this.#track(flushed);
    }

    return written;
  }

  /** Resolves when no call uses the descriptor any more, also where calls have failed. */
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
