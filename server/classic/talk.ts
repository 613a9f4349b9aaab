/**
 * Sends the server's messages in the classic dialogue. A client calls `recv` once for each message and takes the
 * result for the whole message, so each message has to arrive as a segment of its own: the server flushes it, and sends
 * the next one after a pause.
 */
import type {Buffer} from 'node:buffer';
import {setTimeout as delay} from 'node:timers/promises';
import {throwIfAborted} from '../../protocol/errors.ts';
import {nameToBytes} from '../../protocol/remote-path.ts';
import type {Exchange} from '../operations/exchange.ts';

/** From this size on, the operating system may hold a part of a message for a long time after the write. */
const longMessage = 65_536;

/** How often to ask the operating system whether the client has received a long message, in milliseconds. */
const lookEveryMs = 20;

export class Talk {
  readonly exchange: Exchange;
  readonly #pauseMs: number;
  /** Settles when the operating system has taken all written bytes, or the connection has failed. */
  #flushed: Promise<void> = Promise.resolve();
  #arrivedAt = Number.NEGATIVE_INFINITY;

  /** @param pauseMs milliseconds between two messages. */
  constructor(exchange: Exchange, pauseMs: number) {
    this.exchange = exchange;
    this.#pauseMs = pauseMs;
  }

  /**
   * Send one message. A name in it has the same bytes as on disk.
   *
   * @throws JangadaError `aborted` when the client has left, as do the other methods.
   */
  say(text: string): Promise<void> {
    return this.message(() => this.write(nameToBytes(text)));
  }

  /** Send one message in pieces: `writePieces` calls `write` for each piece. */
  async message(writePieces: () => Promise<void>): Promise<void> {
    const {output, signal} = this.exchange;
    const leftMs = this.#arrivedAt + this.#pauseMs - performance.now();
    if (leftMs > 0) {
      await pause(Math.ceil(leftMs), signal);
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
   * Write a piece of a message; waits only for the rate limit. Calls `written` when the memory of `bytes` is free
   * again.
   */
  async write(bytes: Buffer, written?: () => void): Promise<void> {
    const {promise, resolve} = Promise.withResolvers<void>();
    this.#flushed = promise;
    await this.exchange.output.queue(bytes, () => {
      written?.();
      resolve();
    });
  }

  /** Wait until the operating system has taken all written bytes. */
  flushed(): Promise<void> {
    return this.#flushed;
  }

  /**
   * Wait until the client's operating system has received the bytes that this one holds: on a slow link these are
   * megabytes, which take longer than a pause. Does not wait for a client that reads nothing.
   */
  async #arrived(): Promise<void> {
    const {deadlines, output, signal} = this.exchange;
    const sinceMs = performance.now();
    let movedAt = sinceMs;
    let queued = output.queuedSince(sinceMs) ?? 0;
    while (queued > 0 && performance.now() - movedAt < deadlines.stallMs) {
      await pause(lookEveryMs, signal);
      const left = output.queuedSince(sinceMs) ?? 0;
      movedAt = left < queued ? performance.now() : movedAt;
      queued = left;
    }
  }
}

/** Wait. @throws JangadaError `aborted` when `signal` is. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Node's own error of the signal would count as a fault of the server.
  await delay(ms, undefined, {signal}).catch(() => {});
  throwIfAborted(signal);
}
