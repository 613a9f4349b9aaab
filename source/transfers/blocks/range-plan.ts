/**
 * Which blocks of a range are asked for, where they are read in order and nothing is kept: no more of them at once than
 * there is room for. What is handed out and what is taken are two numbers, whatever the size of the file.
 */
import {blockSize} from '../../../protocol/block.ts';
import type {Span} from './block-plan.ts';

export class RangePlan {
  /** Of the file, in bytes. */
  readonly size: number;
  readonly #end: number;
  #next: number;
  #room: number;

  /**
   * @param blocks of the range.
   * @param most blocks that may be asked for and not taken.
   */
  constructor(size: number, blocks: Span, most: number) {
    this.size = size;
    this.#next = blocks.first;
    this.#end = blocks.end;
    this.#room = most;
  }

  /** Blocks that nobody has asked for. */
  get left(): number {
    return this.#end - this.#next;
  }

  /** Blocks that may be asked for now. */
  get room(): number {
    return Math.min(this.#room, this.left);
  }

  /** The next blocks, at most `max`, now asked for; undefined: none is left, or there is no room. */
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

  /** The last blocks that were asked for will not come: they are asked for again. */
  giveBack({first, end}: Span): void {
    this.#next = Math.min(this.#next, first);
    this.#room += end - first;
  }

  /** A block that came is taken: there is room for another one. */
  taken(): void {
    this.#room++;
  }

  /** The range of bytes of a span, as a `get` request has it. */
  range({first, end}: Span): [offset: number, length: number] {
    const offset = first * blockSize;
    return [offset, Math.min(this.size, end * blockSize) - offset];
  }
}
