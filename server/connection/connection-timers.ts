/**
 * Time limits for what a client sends. The socket measures silence in both directions. Deadlines are absolute, because
 * a client could extend them with single bytes. When a limit is reached, the server first reads bytes that arrived
 * while this thread was busy: a client does not pay for a busy server. output/stall-watch.ts watches whether the client
 * reads what the server sends.
 */
import type {Output} from '../output/output.ts';
import type {Deadlines} from '../waiting/deadlines.ts';
import type {ClientSocket} from './client-socket.ts';

type TimersOptions = {
  socket: ClientSocket;
  output: Output;
  deadlines: Readonly<Deadlines>;
  /** The client has sent no request for too long. */
  onIdle(): void;
  /** The client has not completed the beginning of a connection, or a frame, in time. */
  onLate(message: string): void;
};

export class ConnectionTimers {
  readonly #options: TimersOptions;
  #deadline: NodeJS.Timeout | undefined;
  /** Since when no answer is running; undefined while one is. */
  #idleSince: number | undefined = performance.now();

  constructor(options: TimersOptions) {
    this.#options = options;
    // Not as an argument of `setTimeout`: that would call it only once.
    options.socket.on('timeout', () => setImmediate(() => this.#settle()));
    options.socket.setTimeout(options.deadlines.idleMs);
  }

  /** Whether a deadline is set. */
  get waits(): boolean {
    return this.#deadline !== undefined;
  }

  /** Whether an answer is running. */
  set answering(answering: boolean) {
    this.#idleSince = answering ? undefined : performance.now();
    this.#options.socket.setTimeout(answering ? 0 : this.#options.deadlines.idleMs);
  }

  /** Set a deadline that starts now; it replaces the one before. */
  setDeadline(of: 'TLS handshake' | 'preface' | 'login' | 'frame'): void {
    this.clearDeadline();
    const {deadlines, onLate} = this.#options;
    const ms = of === 'frame' ? deadlines.frameMs : deadlines.prefaceMs;
    const settle = () => {
      if (this.#deadline === deadline) {
        onLate(`The ${of} did not arrive within ${ms} ms`);
      }
    };
    const deadline = setTimeout(() => setImmediate(settle), ms);
    this.#deadline = deadline;
  }

  clearDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  /** The socket had no bytes in either direction for its timeout. */
  #settle(): void {
    const {deadlines, onIdle, output, socket} = this.#options;
    if (socket.destroyed || socket.writableEnded || this.#idleSince === undefined) {
      return;
    }

    const {idleMs} = deadlines;
    const others = output.pending || this.waits;
    const leftMs = others ? idleMs : this.#idleSince + idleMs - performance.now();
    if (leftMs < 1) {
      onIdle();
    } else {
      socket.setTimeout(leftMs);
    }
  }
}
