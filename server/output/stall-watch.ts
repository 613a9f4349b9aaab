/**
 * Detects a client that reads none of the bytes that wait for it. It counts checks instead of measuring time: a server
 * that was busy or asleep has checked less often, and the client does not pay for that.
 */

import type {ClientSocket} from '../connection/client-socket.ts';
import {queuedBytes, takenBytes} from './taken-bytes.ts';

/** Checks within one stall deadline. */
const looks = 12;

type StallWatchOptions = {
  socket: ClientSocket;
  /** How long a client may read none of the waiting bytes, in milliseconds. */
  stallMs: number;
  onStall(): void;
};

export class StallWatch {
  readonly #options: StallWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #taken: number | undefined;
  #queued: number | undefined;
  /** Checks in a row without progress. */
  #silent = 0;

  constructor(options: StallWatchOptions) {
    this.#options = options;
    options.socket.once('close', () => this.#stop());
  }

  /** Watch as long as bytes wait for the client. Call it whenever bytes wait. */
  start(): void {
    if (this.#timer === undefined && !this.#options.socket.destroyed) {
      this.#silent = 0;
      this.#taken = undefined;
      // This timer must not keep the process alive; the socket does.
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
      // First handle events about bytes that the client has read while this thread was busy.
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
    // Reading the kernel's queue is worth its cost only if nothing else has moved.
    const queued = taken === this.#taken ? queuedBytes(socket) : undefined;
    const moved =
      taken !== this.#taken ||
      (queued !== undefined && this.#queued !== undefined && queued !== this.#queued);
    this.#taken = taken;
    this.#queued = queued;
    return moved;
  }
}
