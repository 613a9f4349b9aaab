/**
 * The memory budget for received blocks: a number of buffers of one block, shared by all connections. A connection that
 * finds no free buffer stops reading; this is the back-pressure.
 */
import {Buffer} from 'node:buffer';
import {blockSize} from '../../../protocol/block.ts';

export class ReceiveBuffers {
  readonly #free: Buffer[] = [];
  readonly #waiting = new Set<() => void>();
  #left: number;

  /** @param count number of buffers of 1 MiB. Each is allocated at first use. */
  constructor(count: number) {
    this.#left = count;
  }

  /** A buffer of one block, or undefined if all are in use. Give it back with `give`. */
  take(): Buffer | undefined {
    const buffer = this.#free.pop();
    if (buffer !== undefined || this.#left === 0) {
      return buffer;
    }

    this.#left--;
    // Not from Node's shared pool: these buffers live long and the kernel writes to them.
    return Buffer.allocUnsafeSlow(blockSize);
  }

  give(buffer: Buffer): void {
    this.#free.push(buffer);
    const [first] = this.#waiting;
    if (first !== undefined) {
      this.#waiting.delete(first);
      first();
    }
  }

  /** Calls `listener` once when it is first in line for a free buffer. @returns a function that withdraws it. */
  onFree(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
  }
}

/** The memory of the block that arrives over one connection. */
export class BlockMemory {
  readonly #buffers: ReceiveBuffers;
  readonly #resume: () => void;
  #memory: Buffer | undefined;
  #withdraw: (() => void) | undefined;

  /** @param resume is called once there is memory, after `take` found none. */
  constructor(buffers: ReceiveBuffers, resume: () => void) {
    this.#buffers = buffers;
    this.#resume = resume;
  }

  /** A buffer of one block, or undefined if all are in use. */
  take(): Buffer | undefined {
    this.#memory = this.#buffers.take();
    if (this.#memory === undefined) {
      this.#withdraw = this.#buffers.onFree(this.#resume);
    }

    return this.#memory;
  }

  /** Another owner has the buffer from now on, and must give it back. */
  handOver(): void {
    this.#memory = undefined;
  }

  /** Give the buffer back, if there is one, and stop waiting for one. */
  giveBack(): void {
    this.#withdraw?.();
    if (this.#memory !== undefined) {
      this.#buffers.give(this.#memory);
      this.#memory = undefined;
    }
  }
}
