/**
 * Finds a client that takes none of the bytes that wait for it. It is looked at so often that no time is
 * asked: a server that was held up, or has slept, has looked less often, and the client does
 * not pay for that.
 */

import type {ClientSocket} from '../connection/client-socket.ts';
import {queuedBytes, takenBytes} from './taken-bytes.ts';

/** Looks in one stall deadline. */
const looks = 12;

type StallWatchOptions = {
  socket: ClientSocket;
  /** Milliseconds in which a client has to take some of the bytes that wait. */
  stallMs: number;
  onStall(): void;
};

export class StallWatch {
  readonly #options: StallWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #taken: number | undefined;
  #queued: number | undefined;
  /** Looks in a row that found nothing to have been taken since the one before. */
  #silent = 0;

  constructor(options: StallWatchOptions) {
    this.#options = options;
    options.socket.once('close', () => this.#stop());
  }

  /** Watch for as long as bytes wait for the client; called whenever there are some. */
  start(): void {
    if (this.#timer === undefined && !this.#options.socket.destroyed) {
      this.#silent = 0;
      this.#taken = undefined;
      // The socket keeps the process alive, not the watch.
      this.#timer = setInterval(() => this.#look(), this.#options.stallMs / looks).unref();
    }
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (this.#options.socket.writableLength === 0) {
      this.#stop();
    } else if (this.#hasMoved()) {
      this.#silent = 0;
    } else if (++this.#silent >= looks) {
      // First hear of the bytes that the client has taken while this thread was busy.
      setImmediate(() => this.#settle());
    }
  }

  #settle(): void {
    if (this.#timer !== undefined && !this.#hasMoved()) {
      this.#stop();
      this.#options.onStall();
    }
  }

  #hasMoved(): boolean {
    const {socket} = this.#options;
    const taken = takenBytes(socket);
    // The system's queue is only worth a look where nothing else has moved.
    const queued = taken === this.#taken ? queuedBytes(socket) : undefined;
    const moved =
      taken !== this.#taken ||
      (queued !== undefined && this.#queued !== undefined && queued !== this.#queued);
    this.#taken = taken;
    this.#queued = queued;
    return moved;
  }
}
