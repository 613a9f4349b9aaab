/**
 * Memory for blocks to send. Every connection that sends a file has one buffer of its own, and reads ahead with buffers
 * of a shared pool while some are free. So a client that stops reading holds only a few buffers, and does not slow down
 * others.
 */
import {Buffer} from 'node:buffer';
import {blockSize} from '../../protocol/block.ts';
import {blockHeaderSize} from '../../protocol/frame.ts';

/** How many buffers the connections share, in addition to their own. */
const sharedBuffers = 16;
/** The most buffers of one connection in use, including its own. */
const buffersInFlight = 4;

export class BlockPool {
  readonly #free: Buffer[] = [];
  #shared = 0;
  /** How many files are being sent. */
  #sending = 0;

  /** The share of one connection. */
  lease(): BlockLease {
    return new BlockLease(this);
  }

  /** For leases: memory for a block and its header; undefined if the pool has none. */
  take(own: boolean): Buffer | undefined {
    if (!own) {
      if (this.#shared === sharedBuffers) {
        return undefined;
      }

      this.#shared++;
    }

    return this.#free.pop() ?? Buffer.allocUnsafeSlow(blockHeaderSize + blockSize);
  }

  /** For leases: return the memory. */
  give(buffer: Buffer, own: boolean): void {
    if (!own) {
      this.#shared--;
    }

    this.#free.push(buffer);
    this.#trim();
  }

  /** For leases: count a file as being sent until the result is disposed of. */
  sending(): Disposable {
    this.#sending++;
    return {
      [Symbol.dispose]: () => {
        this.#sending--;
        this.#trim();
      },
    };
  }

  /** Keep as many buffers as connections may soon need; the garbage collector frees dropped buffers late. */
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

  /** Count a file as being sent until the result is disposed of. */
  sending(): Disposable {
    return this.#pool.sending();
  }

  /** Memory for a block and its header; undefined if there is none now. */
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

  /** Memory for a block and its header, as soon as there is some. */
  async wait(): Promise<Buffer> {
    for (;;) {
      const buffer = this.take();
      if (buffer !== undefined) {
        return buffer;
      }

      // A buffer of this connection always comes back: after its write, or when the socket closes.
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
