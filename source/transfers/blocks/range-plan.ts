/**
 * Decides which blocks of a range to request when a reader takes them in order and nothing is kept: never more at once
 * than there is memory for. Its state is only two numbers, whatever the size of the file.
 */
import {blockSize} from '../../../protocol/block.ts';
import type {Span} from './block-plan.ts';

export class RangePlan {
  /** Size of the file, in bytes. */
  readonly size: number;
  readonly #end: number;
  #next: number;
  #room: number;

  /**
   * @param blocks the blocks of the range.
   * @param most most blocks that may be requested and not yet taken.
   */
  constructor(size: number, blocks: Span, most: number) {
    this.size = size;
    this.#next = blocks.first;
    this.#end = blocks.end;
    this.#room = most;
  }

  /** Number of blocks that were not requested yet. */
  get left(): number {
    return this.#end - this.#next;
  }

  /** Number of blocks that may be requested now. */
  get room(): number {
    return Math.min(this.#room, this.left);
  }

  /** The next blocks, at most `max`, now requested; undefined if no block is left or no more may be requested. */
  next(max: number): Span | undefined {
    const count = Math.min(max, this.room);
    if (count === 0) {
      return undefined;
    }

    const first = this.#next;
    this.#next += count;
    this.#room -= count;
    return {first, end: this.#next};
  }

  /** The last requested blocks will not arrive: they are requested again. */
  giveBack({first, end}: Span): void {
    this.#next = Math.min(this.#next, first);
    this.#room += end - first;
  }

  /** The reader has taken a block: one more may be requested. */
  taken(): void {
    this.#room++;
  }

  /** The byte range of a span, as a `get` request needs it. */
  range({first, end}: Span): [offset: number, length: number] {
    const offset = first * blockSize;
    return [offset, Math.min(this.size, end * blockSize) - offset];
  }
}
