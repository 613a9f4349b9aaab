/**
 * One connection to a server: frames in and out, deadlines, heartbeat.
 *
 *     request ──► socket ──► server          answer queue: oldest first, answered in order
 *                                              ┌───┬───┬───┐
 *     socket ──onread──► reader ──control──►   │ 1 │ 2 │ 3 │
 *          ▲    (lands in the memory that      └─┬─┴───┴───┘
 *          │     the decoder names)              └─ block memory, block
 *          └─ stops reading while a block has no memory, or the rate limit says so
 *
 * The socket reads through `onread` with a function as buffer: a block lands in the memory that is written to disk.
 */
import type {Buffer} from 'node:buffer';
import type {Address} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {aborted, JangadaError, throwIfAborted} from '../../../protocol/errors.ts';
import {type FrameKind, frameKinds, preface} from '../../../protocol/frame.ts';
import {
  decodeHello,
  type Feature,
  type Hello,
  pipelinedBeforeHello,
} from '../../../protocol/hello.ts';
import {
  answerSchemas,
  decodePayload,
  type RequestName,
  type Requests,
} from '../../../protocol/messages.ts';
import {AnswerQueue, type AnswerReceiver} from './answer-queue.ts';
import {type ConnectionOptions, patienceWith} from './connection-options.ts';
import {Opening} from './foreign-server.ts';
import {FrameReader} from './frame-reader.ts';
import {type Clock, Heartbeat, systemClock} from './heartbeat.ts';
import {Identity} from './identity.ts';
import {lost, unreachable, wayError} from './link-error.ts';
import {Outbox} from './outbox.ts';
import type {RateLimiter} from './rate-limiter.ts';
import {ServerLeaving} from './server-leaving.ts';
import {dial} from './ways/dial.ts';
import type {TlsSession, Way} from './ways/way.ts';
import {WorkWatch} from './work-watch.ts';

/** Sends requests on a connection that is still being opened. */
export type Early = (connection: Connection) => void;

export class Connection {
  /** Address of the server. */
  readonly address: Address;
  readonly #way: Way;
  readonly #identity: Identity;
  readonly #answers: AnswerQueue;
  readonly #reader: FrameReader;
  readonly #outbox: Outbox;
  readonly #limiter: RateLimiter | undefined;
  readonly #work: WorkWatch;
  readonly #beatOptions: {readonly silenceTimeoutMs: number; readonly clock: Clock};
  readonly #early: Early | undefined;
  #reason: JangadaError | undefined;
  #closed = false;
  #heartbeat: Heartbeat | undefined;
  readonly #opening = new Opening();
  #hello: Hello | undefined;
  #openedAtMs = 0;
  #greetedAfterMs = 0;
  /** Whether requests may be sent. */
  #isReady = false;
  #greeted: ((hello: Hello) => void) | undefined;
  readonly #closeListeners: Array<(reason: JangadaError) => void> = [];
  readonly #idleListeners: Array<(idleMs: number) => void> = [];

  /**
   * Connect, and wait for the greeting.
   *
   * @param early may send requests, which leave directly behind the preface. It is not called where the client may
   * first have to prove that it knows a token.
   * @throws JangadaError `unreachable`, `busy`, `protocol`, `timed_out`, `unauthorized`, `aborted`; `untrusted`, which
   * is a CertificateError if the server's certificate is the reason.
   */
  static async open(
    address: Address,
    options: ConnectionOptions = {},
    early?: Early,
  ): Promise<Connection> {
    throwIfAborted(options.signal);
    const connection = new Connection(address, options, early);
    const late = () => {
      if (!connection.#isReady) {
        connection.close(unreachable(address, 'it did not answer in time'));
      }
    };
    const patienceMs = options.connectTimeoutMs ?? patienceWith(address);
    // Bytes that arrived while this thread was busy are read before the timeout takes effect.
    const timer = setTimeout(() => setImmediate(late), patienceMs);
    const onAbort = () => connection.close(aborted());
    options.signal?.addEventListener('abort', onAbort, {once: true});
    try {
      await connection.#greeting(address);
      // A frame directly behind the greeting may already have closed the connection.
      if (connection.#closed) {
        throw connection.#whyClosed;
      }

      return connection;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  private constructor(address: Address, options: ConnectionOptions, early: Early | undefined) {
    this.address = address;
    this.#early = early;
    this.#limiter = options.limiter;
    const {silenceTimeoutMs = 14_000, clock = systemClock} = options;
    this.#beatOptions = {silenceTimeoutMs, clock};
    this.#answers = new AnswerQueue(() => clock.nowMs());
    this.#work = new WorkWatch(() => clock.nowMs());
    this.#reader = new FrameReader(
      {
        control: (kind, payload) => this.#control(kind, payload),
        blockMemory: header => this.#answers.blockMemory(header),
        landed: bytes => this.#answers.landed(bytes),
        block: (header, memory) => {
          this.#work.news();
          this.#answers.block(header, memory);
        },
      },
      this.#limiter,
      () => {
        this.#heartbeat?.listening();
        this.#way.resume();
      },
    );
    this.#identity = new Identity(address, options.trust);
    this.#way = dial(
      address,
      {
        open: session => this.#open(session),
        room: () => this.#reader.room(),
        read: (count, buffer) => this.#read(count, buffer),
        failed: error => this.close(wayError(error, address, this.#hello !== undefined)),
        ended: () => this.close(lost('the server closed the connection')),
        closed: () => this.close(lost('the connection was closed')),
      },
      options.ssh,
    );
    this.#outbox = new Outbox(this.#way);
  }

  get hello(): Hello {
    if (this.#hello === undefined) {
      throw new JangadaError('internal', 'The server has not sent its greeting');
    }

    return this.#hello;
  }

  /** Milliseconds from the preface to the greeting: at least one round trip. */
  get greetedAfterMs(): number {
    return this.#greetedAfterMs;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Requests that the server accepts ahead of their answers; before its greeting, the number for every server. */
  get pipelined(): number {
    return this.#hello?.limits.pipelined ?? pipelinedBeforeHello;
  }

  /** Whether the server supports this feature; undefined before its greeting. */
  can(feature: Feature): boolean | undefined {
    return this.#hello?.features.includes(feature);
  }

  /** Limit in bytes a second for everything received; undefined: no limit. */
  get bytesPerSecond(): number | undefined {
    return this.#limiter?.bytesPerSecond;
  }

  /** Requests that wait for their answers. A ping of the heartbeat does not count. */
  get pending(): number {
    return this.#answers.pending;
  }

  /** Send a request; its answer goes to `receiver`. */
  request<Name extends RequestName>(
    name: Name,
    body: Requests[Name],
    receiver: AnswerReceiver,
  ): void {
    if (this.#closed) {
      queueMicrotask(() => receiver.failed(this.#whyClosed));
      return;
    }

    const isFirst = this.pending === 0;
    this.#answers.add(receiver);
    if (isFirst) {
      this.#work.news();
      this.#heartbeat?.asked();
    }

    this.#outbox.send(name, body);
  }

  /** There is memory again for the block that had none. */
  resume(): void {
    if (!this.#closed) {
      this.#guard(() => this.#reader.resume());
    }
  }

  /** Stop reading from the socket for now: the receiver has enough to do. */
  pause(): void {
    this.#reader.pause();
  }

  unpause(): void {
    // The server could not send while this side did not read, so that time does not count as a stall.
    this.#work.news();
    this.#reader.unpause();
  }

  /** Calls `listener` once when the connection is closed, with the reason; soon, if it is closed already. */
  onClose(listener: (reason: JangadaError) => void): void {
    if (this.#closed) {
      queueMicrotask(() => listener(this.#whyClosed));
    } else {
      this.#closeListeners.push(listener);
    }
  }

  /** Calls `listener` at each check of an idle connection, with the time since the last answer to a caller. */
  onIdle(listener: (idleMs: number) => void): void {
    this.#idleListeners.push(listener);
  }

  /** Close the connection. Pending requests fail with `reason`. */
  close(reason: JangadaError = aborted()): void {
    if (this.#closed) {
      return;
    }

    this.#closed = true;
    this.#reason ??= reason;
    this.#heartbeat?.stop();
    this.#reader.close();
    this.#way.destroy();
    const why = this.#reason;
    this.#answers.failAll(why);
    for (const listener of this.#closeListeners.splice(0)) {
      listener(why);
    }
  }

  get #whyClosed(): JangadaError {
    return this.#reason ?? lost('the connection was closed');
  }

  #open(session: TlsSession | undefined): void {
    if (this.#closed) {
      return;
    }

    this.#guard(() => {
      if (session !== undefined) {
        this.#identity.certificate(session);
      }

      this.#way.write(preface);
      this.#openedAtMs = performance.now();
      if (this.#identity.mayAskAtOnce) {
        this.#early?.(this);
      }
    });
  }

  #greeting(address: Address): Promise<Hello> {
    return new Promise((resolve, reject) => {
      this.#greeted = resolve;
      this.onClose(reason => {
        reject(this.#opening.whyUngreeted(address, reason));
      });
    });
  }

  /** @returns whether the socket continues to read. */
  #read(count: number, buffer: Uint8Array): boolean {
    if (this.#closed) {
      return false;
    }

    this.#heartbeat?.heard();
    if (this.#hello === undefined) {
      this.#opening.heard(buffer.subarray(0, count));
    }

    this.#guard(() => this.#reader.read(count, buffer));
    return !this.#reader.isWaiting && !this.#closed;
  }

  /** Invalid frames, and answers that a handler rejects, close the connection. */
  #guard(decode: () => unknown): void {
    try {
      decode();
    } catch (error) {
      this.close(
        error instanceof JangadaError
          ? error
          : new JangadaError('internal', 'An answer could not be handled', {cause: error}),
      );
    }
  }

  #control(kind: FrameKind, payload: Buffer): void {
    if (!this.#isReady && kind !== frameKinds.error) {
      this.#beginning(kind, payload);
      return;
    }

    if (kind === frameKinds.error) {
      this.#error(payload);
      return;
    }

    if (kind === frameKinds.progress) {
      this.#work.progress(decodePayload(answerSchemas.progress, payload, 'protocol'));
    } else {
      this.#work.news();
    }

    this.#answers.control(kind, payload);
  }

  /** The first frames: the greeting, and the server's proof if it asked for a token. */
  #beginning(kind: FrameKind, payload: Buffer): void {
    if (this.#hello !== undefined && kind === frameKinds.welcome) {
      this.#identity.welcome(payload);
      this.#ready(this.#hello);
      return;
    }

    if (this.#hello !== undefined || kind !== frameKinds.hello) {
      throw new JangadaError('protocol', 'The first frame of the server is not a greeting');
    }

    this.#hello = decodeHello(payload);
    this.#greetedAfterMs = performance.now() - this.#openedAtMs;
    const login = this.#identity.login(this.#hello);
    if (login === undefined) {
      this.#ready(this.#hello);
    } else {
      this.#way.write(login);
    }
  }

  #ready(hello: Hello): void {
    this.#isReady = true;
    this.#heartbeat = new Heartbeat({
      ...this.#beatOptions,
      state: () => (this.#reader.isWaiting ? 'waiting' : this.#answers.beatState),
      ping: () => this.#ping(),
      gone: () => this.close(lost('the server no longer answers')),
    });
    this.#greeted?.(hello);
  }

  /** Check an idle connection. A caller that sends a request meanwhile gets the next answer. */
  #ping(): void {
    const {idleMs} = this.#answers;
    for (const listener of this.#idleListeners) {
      listener(idleMs);
    }

    if (!this.#closed) {
      this.#answers.addPing();
      this.#outbox.send('ping', {});
    }
  }

  #error(payload: Buffer): void {
    const {code, leaving, message} = decodePayload(answerSchemas.error, payload, 'protocol');
    const error = leaving ? new ServerLeaving() : new JangadaError(code, displayName(message));
    if (code === 'timed_out' || leaving) {
      // A server sends this error before it closes the connection, perhaps while a request is on its way.
      this.close(error);
      return;
    }

    this.#work.news();
    // Before the greeting, an error answers no request.
    if (!this.#isReady || !this.#answers.failOldest(error)) {
      // The server sends such an error before it closes: a limit was exceeded, or a deadline has passed.
      this.#reason = error;
    }
  }
}
