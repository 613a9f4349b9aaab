/**
 * The time limits of what a client sends. Silence is measured by the socket, to the byte and in both
 * directions; deadlines are absolute, because a client could draw them out with single bytes. When
 * time is up, bytes that arrived while this thread was held up are read first: a client does not pay
 * for a busy server. Whether it takes what it is sent is seen in output/stall-watch.ts.
 */
import type {Output} from '../output/output.ts';
import type {Deadlines} from '../waiting/deadlines.ts';
import type {ClientSocket} from './client-socket.ts';

type TimersOptions = {
  socket: ClientSocket;
  output: Output;
  deadlines: Readonly<Deadlines>;
  /** Nothing was asked for, for long. */
  onIdle(): void;
  /** The beginning of a connection, or a frame that has begun, is not complete in time. */
  onLate(message: string): void;
};

export class ConnectionTimers {
  readonly #options: TimersOptions;
  #deadline: NodeJS.Timeout | undefined;
  /** Since when nothing is being answered; undefined while something is. */
  #idleSince: number | undefined = performance.now();

  constructor(options: TimersOptions) {
    this.#options = options;
    // Not as an argument of `setTimeout`: that would be called once, and there are further looks.
    options.socket.on('timeout', () => setImmediate(() => this.#settle()));
    options.socket.setTimeout(options.deadlines.idleMs);
  }

  /** Whether something has to come in time. */
  get waits(): boolean {
    return this.#deadline !== undefined;
  }

  /** Something is being answered, or nothing any more. */
  set answering(answering: boolean) {
    this.#idleSince = answering ? undefined : performance.now();
    this.#options.socket.setTimeout(answering ? 0 : this.#options.deadlines.idleMs);
  }

  /** From now on; a deadline that was set before counts no more. */
  setDeadline(of: 'TLS handshake' | 'preface' | 'login' | 'frame'): void {
    this.clearDeadline();
    const {deadlines, onLate} = this.#options;
    const ms = of === 'frame' ? deadlines.frameMs : deadlines.prefaceMs;
    const settle = () => {
      if (this.#deadline === deadline) {
        onLate(`The ${of} did not come within ${ms} ms`);
      }
    };
    const deadline = setTimeout(() => setImmediate(settle), ms);
    this.#deadline = deadline;
  }

  clearDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  /** Nothing has moved for the time that the socket was told. */
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
