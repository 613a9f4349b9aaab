/**
 * The outgoing bytes of one connection. Frames that are sent in one turn of the event loop leave with one system call. A
 * sender that has to wait for the client gets a promise.
 */
import type {Buffer} from 'node:buffer';
import {aborted} from '../../protocol/errors.ts';
import type {ClientSocket} from '../connection/client-socket.ts';
import type {Counts} from '../metrics/counts.ts';
import type {Limiter} from './send-limiter.ts';
import type {StallWatch} from './stall-watch.ts';
import {queuedBytes} from './taken-bytes.ts';

type OutputOptions = {
  counts: Pick<Counts, 'sentBytes'>;
  limiter: Limiter | undefined;
  /** Watches whether the client reads the bytes that wait for it. */
  stallWatch: StallWatch;
};

export class Output {
  readonly #socket: ClientSocket;
  readonly #counts: Pick<Counts, 'sentBytes'>;
  readonly #limiter: Limiter | undefined;
  readonly #stallWatch: StallWatch;
  #corked = false;
  #bytes = 0;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(socket: ClientSocket, {counts, limiter, stallWatch}: OutputOptions) {
    this.#socket = socket;
    this.#counts = counts;
    this.#limiter = limiter;
    this.#stallWatch = stallWatch;
    socket.on('drain', () => this.#release());
    socket.on('close', () => this.#release());
  }

  /** Bytes passed to the operating system, or waiting for it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether bytes wait for the client to read them. */
  get pending(): boolean {
    return this.#socket.writableLength > 0;
  }

  /**
   * Bytes that this operating system holds and the client's had not received at `sinceMs` or later; undefined if unknown.
   */
  queuedSince(sinceMs: number): number | undefined {
    return queuedBytes(this.#socket, sinceMs);
  }

  /**
   * Send a frame. Returns a promise to wait for before sending more, or undefined if no wait is needed. Calls `written`
   * when the memory of `frame` is free again, even if the frame was never sent.
   *
   * @throws JangadaError `aborted` when the client has left; also through the promise.
   */
  send(frame: Buffer, written?: () => void): Promise<void> | undefined {
    if (this.#limiter !== undefined) {
      return this.#sendSlowly(this.#limiter, frame, written);
    }

    return this.#write(frame, written) ? undefined : this.#room();
  }

  /** Like `send`, but waits only for the rate limit: for a sender whose memory is bounded elsewhere. */
  queue(frame: Buffer, written?: () => void): Promise<void> | undefined {
    if (this.#limiter !== undefined) {
      return this.#sendSlowly(this.#limiter, frame, written);
    }

    this.#write(frame, written);
    return undefined;
  }

  #write(bytes: Buffer, written?: () => void): boolean {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) {
      written?.();
      throw aborted('The client has left');
    }

    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        socket.uncork();
      });
    }

    this.#stallWatch.start();
    this.#bytes += bytes.length;
    this.#counts.sentBytes += bytes.length;
    return socket.write(bytes, written);
  }

  async #sendSlowly(limiter: Limiter, frame: Buffer, written?: () => void): Promise<void> {
    const size = limiter.sliceSize;
    let at = 0;
    try {
      for (; at + size < frame.length; at += size) {
        await limiter.take(size);
        if (!this.#write(frame.subarray(at, at + size))) {
          await this.#room();
        }
      }

      await limiter.take(frame.length - at);
    } catch (error) {
      written?.();
      throw error;
    }

    if (!this.#write(frame.subarray(at), written)) {
      await this.#room();
    }
  }

  #room(): Promise<void> {
    this.#waiting ??= Promise.withResolvers<void>();
    return this.#waiting.promise;
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (this.#socket.destroyed) {
      waiting?.reject(aborted('The client has left'));
    } else {
      waiting?.resolve();
    }
  }
}
