/**
 * Which blocks of one file are needed, on their way, or done. Blocks are handed out in order, in spans, also to several
 * connections, so that a partial grows from the front.
 */
import {Buffer} from 'node:buffer';
import {blockCount, blockLength, blockSize, digestSize} from '../../../protocol/block.ts';
import type {BlockView} from '../terms/block-view.ts';

const needed = 0;
const assigned = 1;
const done = 2;

/** Indexed by the states above. */
const views = ['missing', 'arriving', 'good'] as const;

/** Blocks `first` up to but not including `end`. */
export type Span = {first: number; end: number};

export class BlockPlan {
  readonly size: number;
  readonly count: number;
  /** The digests of the done blocks, 32 bytes each, at the index of the block. */
  readonly digests: Buffer;
  readonly #states: Uint8Array;
  // No block before this one is needed.
  #cursor = 0;
  // Every block before this one is done.
  #front = 0;
  #doneBytes = 0;
  #doneBlocks = 0;

  /** @param size size of the file, in bytes. */
  constructor(size: number) {
    this.size = size;
    this.count = blockCount(size);
    this.#states = new Uint8Array(this.count);
    this.digests = Buffer.alloc(this.count * digestSize);
  }

  get doneBytes(): number {
    return this.#doneBytes;
  }

  /** Bytes from the beginning of the file up to the first block that is not done. */
  get frontBytes(): number {
    while (this.#states[this.#front] === done) {
      this.#front++;
    }

    return Math.min(this.size, this.#front * blockSize);
  }

  get complete(): boolean {
    return this.#doneBlocks === this.count;
  }

  /** Whether a block is neither done nor being fetched. */
  get hasNeeded(): boolean {
    return this.#states.indexOf(needed, this.#cursor) !== -1;
  }

  /** Whether block `index` is neither on disk nor being fetched. */
  isNeeded(index: number): boolean {
    return this.#states[index] === needed;
  }

  /** The current state of every block. */
  get view(): BlockView {
    return {count: this.count, at: index => views[this.#states[index] ?? needed] ?? 'missing'};
  }

  /** The span from the first to the last needed block; undefined if no block is needed. */
  get neededSpan(): Span | undefined {
    const first = this.#states.indexOf(needed);
    return first === -1 ? undefined : {first, end: this.#states.lastIndexOf(needed) + 1};
  }

  /** The first needed blocks in a row, at most `max`, now assigned; undefined if no block is needed. */
  next(max: number): Span | undefined {
    const first = this.#states.indexOf(needed, this.#cursor);
    if (first === -1) {
      this.#cursor = this.count;
      return undefined;
    }

    let end = first;
    while (end < this.count && end - first < max && this.#states[end] === needed) {
      this.#states[end] = assigned;
      end++;
    }

    this.#cursor = end;
    return {first, end};
  }

  /** Make assigned blocks needed again, because they will not arrive. */
  giveBack(span: Span): void {
    for (let index = span.first; index < span.end; index++) {
      if (this.#states[index] === assigned) {
        this.#states[index] = needed;
        this.#cursor = Math.min(this.#cursor, index);
      }
    }
  }

  /** Block `index` is on disk and has `digest`. */
  markDone(index: number, digest: Uint8Array): void {
    if (this.#states[index] !== done) {
      this.#states[index] = done;
      this.#doneBlocks++;
      this.#doneBytes += blockLength(this.size, index);
      this.digests.set(digest, index * digestSize);
    }
  }

  /** The byte range of a span, as a `get` request needs it. */
  range(span: Span): [offset: number, length: number] {
    const offset = span.first * blockSize;
    return [offset, Math.min(this.size, span.end * blockSize) - offset];
  }
}
