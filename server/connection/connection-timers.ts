/**
 * The time limits of a connection. Silence is measured by the socket, to the byte and in both
 * directions; deadlines are absolute, because a client could draw them out with single bytes. When
 * time is up, bytes that arrived while this thread was held up are read first: a client does not pay
 * for a busy server.
 */
import type {Socket} from 'node:net';
import type {Output} from '../output/output.ts';
import type {Deadlines} from '../waiting/deadlines.ts';

/** Times the stall deadline for which bytes may wait while the client goes on to send. */
const longestWait = 10;

type TimersOptions = {
  socket: Socket;
  output: Output;
  deadlines: Readonly<Deadlines>;
  /** The client takes none of the bytes that wait for it. */
  onStall(): void;
  /** Nothing was asked for, for long. */
  onIdle(): void;
  /** A preface or a frame has begun and is not complete in time. */
  onLate(message: string): void;
};

export class ConnectionTimers {
  readonly #options: TimersOptions;
  #deadline: NodeJS.Timeout | undefined;
  /** Since when nothing is being answered; undefined while something is. */
  #idleSince: number | undefined = performance.now();

  constructor(options: TimersOptions) {
    this.#options = options;
    const {idleMs, stallMs} = options.deadlines;
    // Not as an argument of `setTimeout`: that would be called once, and there are further looks.
    options.socket.on('timeout', () => this.#silent());
    options.socket.setTimeout(Math.min(idleMs, stallMs));
  }

  /** Whether a preface or a frame has to come. */
  get waits(): boolean {
    return this.#deadline !== undefined;
  }

  /** Something is being answered, or nothing any more. */
  set answering(answering: boolean) {
    this.#idleSince = answering ? undefined : performance.now();
    const {idleMs, stallMs} = this.#options.deadlines;
    this.#options.socket.setTimeout(answering ? stallMs : Math.min(idleMs, stallMs));
  }

  /** Something came: that is life, but a client that sends must take its answers, too. */
  received(): void {
    const {deadlines, onStall, output} = this.#options;
    if (output.waitingMs > longestWait * deadlines.stallMs) {
      onStall();
    }
  }

  /** From now on; a deadline that was set before counts no more. */
  setDeadline(of: 'preface' | 'frame'): void {
    this.clearDeadline();
    const {deadlines, onLate} = this.#options;
    const ms = of === 'preface' ? deadlines.prefaceMs : deadlines.frameMs;
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
  #silent(): void {
    const {takenAt} = this.#options.output;
    setImmediate(() => this.#settle(takenAt));
  }

  /** @param takenAt when the client last took bytes, as it was known when time was up. */
  #settle(takenAt: number): void {
    const {deadlines, onIdle, onStall, output, socket} = this.#options;
    if (socket.destroyed || socket.writableEnded) {
      return;
    }

    const {idleMs, stallMs} = deadlines;
    const idleLeftMs =
      this.#idleSince === undefined || this.waits
        ? stallMs
        : this.#idleSince + idleMs - performance.now();
    if (output.pending && output.takenAt === takenAt && (socket.timeout ?? 0) >= stallMs) {
      onStall();
    } else if (output.pending) {
      socket.setTimeout(stallMs);
    } else if (idleLeftMs < 1) {
      onIdle();
    } else {
      socket.setTimeout(idleLeftMs);
    }
  }
}
