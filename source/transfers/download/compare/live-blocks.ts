/** Verdicts on the blocks of a file while both sides are still being read. */
import {Buffer} from 'node:buffer';
import {blockCount, blockLength, blockSize, digestSize} from '../../../../protocol/block.ts';
import type {BlockState, BlockView} from '../../terms/block-view.ts';

/** Blocks of a larger file have no verdicts before the end: digests of 256 GiB take 16 MiB. */
const mostBlocks = 262_144;

export class LiveBlocks implements BlockView {
  readonly count: number;
  readonly #localSize: number;
  readonly #here: Buffer;
  readonly #there: Buffer;
  /** Whether the digest of a block is known: 1 here, 2 there. */
  readonly #known: Uint8Array;

  /** @param localSize of the local file, in bytes. */
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

  /** The same of the remote file. */
  there(first: number, digests: Uint8Array): void {
    this.#take(this.#there, first, digests, 2);
  }

  readonly at = (index: number): BlockState => {
    const known = this.#known[index] ?? 0;
    // Whether a block that is cut off here is bad or missing is known with the size of the file there.
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
