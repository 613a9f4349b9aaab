/**
 * What the server says in the classic dialogue. A client calls `recv` once for each message and takes
 * what it is given for the whole of it, so each message has to arrive as a segment of its own: it is
 * flushed, and the next one follows a pause later.
 */
import type {Buffer} from 'node:buffer';
import {setTimeout as delay} from 'node:timers/promises';
import {nameToBytes} from '../../protocol/remote-path.ts';
import type {Exchange} from '../operations/exchange.ts';

/** Bytes of a message of which the system may have a part for long after it was written. */
const longMessage = 65_536;

/** How often the system is asked whether the client's has all of a long message, in milliseconds. */
const lookEveryMs = 20;

export class Talk {
  readonly exchange: Exchange;
  readonly #pauseMs: number;
  /** Settled when the system has all bytes that were written, or never will have. */
  #flushed: Promise<void> = Promise.resolve();
  #arrivedAt = Number.NEGATIVE_INFINITY;

  /** @param pauseMs milliseconds between two messages. */
  constructor(exchange: Exchange, pauseMs: number) {
    this.exchange = exchange;
    this.#pauseMs = pauseMs;
  }

  /**
   * Say one message. A name in it is sent with the bytes that it has on disk.
   *
   * @throws JangadaError `aborted` when the client has left; so do the others.
   */
  say(text: string): Promise<void> {
    return this.message(() => this.write(nameToBytes(text)));
  }

  /** Send one message in pieces: all that `writePieces` gives to `write`. */
  async message(writePieces: () => Promise<void>): Promise<void> {
    const {output, signal} = this.exchange;
    const leftMs = this.#arrivedAt + this.#pauseMs - performance.now();
    if (leftMs > 0) {
      await delay(Math.ceil(leftMs), undefined, {signal});
    }

    const before = output.bytes;
    await writePieces();
    await this.flushed();
    if (output.bytes - before > longMessage && this.#pauseMs > 0) {
      await this.#arrived();
    }

    this.#arrivedAt = performance.now();
  }

  /**
   * Write a piece of a message; this waits for the rate limit alone. `written` is called when the
   * memory of `bytes` is free again.
   */
  async write(bytes: Buffer, written?: () => void): Promise<void> {
    const {promise, resolve} = Promise.withResolvers<void>();
    this.#flushed = promise;
    await this.exchange.output.queue(bytes, () => {
      written?.();
      resolve();
    });
  }

  /** Wait until the system has taken all that was written. */
  flushed(): Promise<void> {
    return this.#flushed;
  }

  /**
   * Wait until the client's system has all that this one has taken: on a slow link that are megabytes, and a
   * pause would be over before they are. A client that takes nothing is not waited for.
   */
  async #arrived(): Promise<void> {
    const {deadlines, output, signal} = this.exchange;
    const sinceMs = performance.now();
    let movedAt = sinceMs;
    let queued = output.queuedSince(sinceMs) ?? 0;
    while (queued > 0 && performance.now() - movedAt < deadlines.stallMs) {
      await delay(lookEveryMs, undefined, {signal});
      const left = output.queuedSince(sinceMs) ?? 0;
      movedAt = left < queued ? performance.now() : movedAt;
      queued = left;
    }
  }
}
