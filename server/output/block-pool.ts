/**
 * Memory for blocks on their way out. Every connection that sends a file has one buffer that
 * nobody can take from it, and reads ahead with more from a shared supply while there are
 * any: a client that stops reading holds a few of them and slows nobody down.
 */
import {Buffer} from 'node:buffer';
import {blockSize} from '../../protocol/block.ts';
import {blockHeaderSize} from '../../protocol/frame.ts';

/** Buffers that all connections share, beyond their own. */
const sharedBuffers = 16;
/** Buffers that one connection has in flight at most, its own among them. */
const buffersInFlight = 4;

export class BlockPool {
  readonly #free: Buffer[] = [];
  #shared = 0;
  /** Files that are being sent. */
  #sending = 0;

  /** The share of one connection. */
  lease(): BlockLease {
    return new BlockLease(this);
  }

  /** For leases: memory for a block and its header; undefined if the supply is used up. */
  take(own: boolean): Buffer | undefined {
    if (!own) {
      if (this.#shared === sharedBuffers) {
        return undefined;
      }

      this.#shared++;
    }

    return this.#free.pop() ?? Buffer.allocUnsafeSlow(blockHeaderSize + blockSize);
  }

  /** For leases: the memory is free again. */
  give(buffer: Buffer, own: boolean): void {
    if (!own) {
      this.#shared--;
    }

    this.#free.push(buffer);
    this.#trim();
  }

  /** For leases: a file is being sent until what is returned is disposed of. */
  sending(): Disposable {
    this.#sending++;
    return {
      [Symbol.dispose]: () => {
        this.#sending--;
        this.#trim();
      },
    };
  }

  /** Keep as many as may soon be needed: dropped ones pile up until the garbage collector comes. */
  #trim(): void {
    this.#free.length = Math.min(this.#free.length, sharedBuffers + this.#sending);
  }
}

export class BlockLease {
  readonly #pool: BlockPool;
  #inFlight = 0;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  /** Say that a file is being sent, until what is returned is disposed of. */
  sending(): Disposable {
    return this.#pool.sending();
  }

  /** Memory for a block and its header, or undefined if there is none now. */
  take(): Buffer | undefined {
    if (this.#inFlight >= buffersInFlight) {
      return undefined;
    }

    const buffer = this.#pool.take(this.#inFlight === 0);
    if (buffer !== undefined) {
      this.#inFlight++;
    }

    return buffer;
  }

  /** The same, as soon as there is some. */
  async wait(): Promise<Buffer> {
    for (;;) {
      const buffer = this.take();
      if (buffer !== undefined) {
        return buffer;
      }

      // One of this connection's own always comes back: written, or dropped with the socket.
      this.#waiting ??= Promise.withResolvers<void>();
      await this.#waiting.promise;
    }
  }

  give(buffer: Buffer): void {
    this.#inFlight--;
    this.#pool.give(buffer, this.#inFlight === 0);
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
