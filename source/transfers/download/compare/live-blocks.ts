/** The state of each block of a file while both sides are still being read. */
import {Buffer} from 'node:buffer';
import {blockCount, blockLength, blockSize, digestSize} from '../../../../protocol/block.ts';
import type {BlockState, BlockView} from '../../terms/block-view.ts';

/** Blocks of larger files have no state before the end: digests for 256 GiB need 8 MiB on each side. */
const mostBlocks = 262_144;

export class LiveBlocks implements BlockView {
  readonly count: number;
  readonly #localSize: number;
  readonly #here: Buffer;
  readonly #there: Buffer;
  /** Which digests of a block are known, as bits: 1 here, 2 there. */
  readonly #known: Uint8Array;

  /** @param localSize size of the local file, in bytes. */
  constructor(localSize: number) {
    const count = blockCount(localSize);
    this.count = count > mostBlocks ? 0 : count;
    this.#localSize = localSize;
    this.#here = Buffer.alloc(this.count * digestSize);
    this.#there = Buffer.alloc(this.count * digestSize);
    this.#known = new Uint8Array(this.count);
  }

  /** Digests of the local file, from block `first` on. */
  here(first: number, digests: Uint8Array): void {
    this.#take(this.#here, first, digests, 1);
  }

  /** Digests of the remote file, from block `first` on. */
  there(first: number, digests: Uint8Array): void {
    this.#take(this.#there, first, digests, 2);
  }

  readonly at = (index: number): BlockState => {
    const known = this.#known[index] ?? 0;
    // For an incomplete last block, only the size of the remote file decides whether it is bad or missing.
    const isWhole = blockLength(this.#localSize, index) === blockSize;
    const at = index * digestSize;
    const isEqual =
      known === 3 &&
      this.#here.compare(this.#there, at, at + digestSize, at, at + digestSize) === 0;
    return isEqual
      ? 'good'
      : known === 3 && isWhole
        ? 'bad'
        : (known & 1) === 0
          ? 'unread'
          : 'read';
  };

  #take(into: Buffer, first: number, digests: Uint8Array, side: 1 | 2): void {
    const end = Math.min(this.count, first + Math.floor(digests.length / digestSize));
    if (end > first) {
      into.set(digests.subarray(0, (end - first) * digestSize), first * digestSize);
      for (let index = first; index < end; index++) {
        this.#known[index] = (this.#known[index] ?? 0) | side;
      }
    }
  }
}
