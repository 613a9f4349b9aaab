/**
 * One connection: the preface, then requests, answered in order.
 *
 *     socket ──▶ request reader (bounded) ──▶ operation ──▶ output ──▶ socket
 *                  │     full: the socket is paused
 *                  └ not frames: one error, then the end of this connection
 *
 * With a door in front (doors/door.ts) the socket is one of TLS, and a login comes before requests.
 * Where it is allowed, a client that begins with a digit gets the classic dialogue in place of that reader.
 *
 * When a client leaves, all work for it stops. Deadlines are absolute where a client could keep a
 * timer alive with single bytes: for the preface, and for each frame.
 */
import type {Buffer} from 'node:buffer';
import {Socket} from 'node:net';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {TLSSocket} from 'node:tls';
import {displayName} from '../../protocol/display-text.ts';
import {isJangadaError, JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import {frameKinds} from '../../protocol/frame.ts';
import type {Token} from '../../protocol/program/tokens.ts';
import type {ClassicOptions} from '../classic/classic-options.ts';
import {beginsClassic, ClassicDialogue} from '../classic/dialogue.ts';
import type {Compressor} from '../compression/compressor.ts';
import {hello} from '../hello.ts';
import {answerRequest} from '../operations/answer-request.ts';
import type {Services} from '../operations/exchange.ts';
import type {BlockLease} from '../output/block-pool.ts';
import type {ClientLog, ClientLogLevel} from '../output/client-log.ts';
import {loggedError} from '../output/logged-error.ts';
import {Output} from '../output/output.ts';
import type {SendLimiter} from '../output/send-limiter.ts';
import {StallWatch} from '../output/stall-watch.ts';
import {asBadBytes, asWireError, encodeError} from '../output/wire-error.ts';
import type {ClientSocket} from './client-socket.ts';
import {closeGently} from './close-gently.ts';
import {ConnectionTimers} from './connection-timers.ts';
import {Login, type LoginMeans, wrongToken} from './login.ts';
import {type Request, RequestReader} from './request-reader.ts';

/** Work of one connection in one turn of the event loop, in milliseconds. */
const sliceMs = 2;

/** Errors of one connection that are logged; a client that asks for more wrong things is not. */
const loggedErrors = 10;

type SessionOptions = {
  socket: ClientSocket;
  /** The client's address. */
  peer: string;
  /** The proof that the client owes before its first request; undefined: none. */
  login?: LoginMeans | undefined;
  services: Services;
  blocks: BlockLease;
  compressor: Compressor;
  limiter: SendLimiter | undefined;
  /** How a client is answered that begins with a digit; without it, it is not. */
  classic?: ClassicOptions | undefined;
  log: ClientLog;
};

export class Session {
  readonly #options: SessionOptions;
  readonly #socket: ClientSocket;
  readonly #output: Output;
  readonly #stallWatch: StallWatch;
  readonly #abort = new AbortController();
  readonly #timers: ConnectionTimers;
  readonly #reader: RequestReader;
  /** What reads the requests: the dialogue where the client speaks that. */
  #requests: RequestReader | ClassicDialogue;
  /** `#requests`, where it is the classic dialogue. */
  #classic: ClassicDialogue | undefined;
  readonly #login: Login | undefined;
  /** What the client sees: of a token with a folder, that alone. */
  #services: Services;
  /** The token that the client has proved to know. */
  #token: Token | undefined;
  #wrongProof: NodeJS.Timeout | undefined;
  /** Whether the client can be told anything: not before TLS stands. */
  #isOpen = false;
  readonly #openedAt = performance.now();
  #answering = false;
  #answered = 0;
  /** When work was last done for the client. */
  #workedAt = performance.now();
  #errors = 0;
  #draining = false;
  /** The error that is sent when all requests before it are answered; then the connection ends. */
  #lastWord: JangadaError | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    const {limiter, log, login, peer, services, socket} = options;
    this.#services = services;
    this.#login = login === undefined ? undefined : new Login(login, socket, peer);
    const {deadlines} = services;
    const onStall = () => {
      log.write('info', {}, 'the client takes no bytes');
      this.destroy();
    };
    this.#stallWatch = new StallWatch({socket, stallMs: deadlines.stallMs, onStall});
    this.#output = new Output(socket, {limiter, stallWatch: this.#stallWatch});
    this.#timers = new ConnectionTimers({
      socket,
      output: this.#output,
      deadlines,
      onIdle: () =>
        this.#end(
          new JangadaError(
            'timed_out',
            'The client asked for nothing: the server closes the connection',
          ),
        ),
      onLate: message => this.#end(new JangadaError('timed_out', message)),
    });
    this.#reader = new RequestReader({
      socket,
      timers: this.#timers,
      onPreface: () => this.#socket.write(hello(this.#login?.nonce)),
      onLogin: this.#login === undefined ? undefined : payload => this.#prove(payload),
      onRequests: () => this.#start(),
    });
    this.#requests = this.#reader;
    this.#listen();
  }

  /** Since when nothing was asked for but signs of life; undefined while something is answered. */
  get idleSince(): number | undefined {
    return this.#answering || this.#output.pending || this.#lastWord !== undefined
      ? undefined
      : this.#workedAt;
  }

  /** Whether the client owes a proof: one that has given it does not make way before one that has not. */
  get owesLogin(): boolean {
    return this.#login !== undefined && this.#token === undefined;
  }

  /** The token that the client has proved to know; undefined before, and where none is needed. */
  get token(): Token | undefined {
    return this.#token;
  }

  /** Tell the client that its token is no longer valid, and end. */
  revoke(): void {
    this.#end(wrongToken);
  }

  /** Tell the client that another one needs its place, and end. */
  makeWay(): void {
    this.#end(
      new JangadaError('timed_out', 'Another client needs the place: this connection was idle'),
    );
  }

  /** Finish the answer that is under way, begin no other, and end. */
  drain(): void {
    this.#draining = true;
    if (this.#output.pending) {
      this.#finishWhenAnswered();
    } else if (!this.#answering) {
      this.destroy();
    }
  }

  /** End at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const socket = this.#socket;
    if (socket instanceof TLSSocket) {
      this.#timers.setDeadline('TLS handshake');
      socket.once('secure', () => this.#open());
    } else {
      this.#open();
    }

    socket.once('data', bytes => this.#chooseDialogue(bytes));
    socket.on('data', bytes => this.#receive(bytes));
    socket.on('end', () => this.#inputEnded());
    socket.on('error', error => this.#log('debug', {code: errorCodeOf(error)}, 'socket'));
    socket.on('close', () => this.#closed());
  }

  #open(): void {
    this.#isOpen = true;
    this.#reader.begin();
  }

  /** The first byte decides in which of the two dialogues the client is answered. */
  #chooseDialogue(bytes: Buffer): void {
    const {classic} = this.#options;
    const socket = this.#socket;
    const isOffered = classic !== undefined && socket instanceof Socket;
    if (isOffered && beginsClassic(bytes) && this.#lastWord === undefined) {
      // `nc` ends its side once it has sent what it was given.
      socket.allowHalfOpen = true;
      this.#timers.clearDeadline();
      this.#classic = new ClassicDialogue({...classic, socket, onRequests: () => this.#start()});
      this.#requests = this.#classic;
    }
  }

  #inputEnded(): void {
    if (this.#classic === undefined) {
      this.destroy();
    } else {
      this.#lastWord ??= new JangadaError('aborted', 'The client sends no more');
      this.#finishWhenAnswered();
    }
  }

  #receive(bytes: Buffer): void {
    if (this.#lastWord !== undefined || this.#wrongProof !== undefined) {
      return;
    }

    try {
      this.#requests.receive(bytes);
    } catch (error) {
      this.#end(asBadBytes(error));
    }
  }

  /** A `login` has come. A wrong one is answered late, so that nobody tries many. */
  #prove(payload: Buffer): void {
    const verdict = this.#login?.judge(payload);
    if (verdict?.isRight) {
      this.#token = verdict.token;
      this.#services = {...this.#services, store: verdict.store};
      this.#socket.write(verdict.welcome);
      this.#reader.proved();
    } else if (verdict !== undefined) {
      const {count, delayMs} = verdict;
      this.#timers.clearDeadline();
      this.#log('warn', {count, delayMs}, 'a wrong token');
      this.#wrongProof = setTimeout(() => this.#end(wrongToken), delayMs);
    }
  }

  #start(): void {
    if (!this.#answering && this.#requests.pending) {
      this.#answering = true;
      this.#timers.answering = true;
      this.#work().catch((error: unknown) => {
        this.#log('error', loggedError(error), 'a connection failed');
        this.destroy();
      });
    }
  }

  /** Answer the requests that wait, and leave room for other connections between them. */
  async #work(): Promise<void> {
    let sliceEnd = performance.now() + sliceMs;
    while (!this.#draining && !this.#abort.signal.aborted) {
      const request = this.#requests.next();
      if (request === undefined) {
        break;
      }

      const answer = this.#answer(request);
      if (answer !== undefined) {
        await answer;
      }

      this.#answered++;
      if (request.kind !== frameKinds.ping) {
        this.#workedAt = performance.now();
      }

      if (this.#lastWord === undefined) {
        this.#requests.resume();
      }

      if (performance.now() >= sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + sliceMs;
      }
    }

    this.#answering = false;
    this.#timers.answering = false;
    if (this.#lastWord !== undefined || this.#draining) {
      this.#finish();
    }
  }

  /** Answer one request. Errors become an error frame. */
  #answer({kind, payload}: Request): Promise<void> | undefined {
    const {blocks, log, compressor, peer} = this.#options;
    const {signal} = this.#abort;
    try {
      const output = this.#output;
      const exchange = {...this.#services, blocks, log, compressor, peer, output, signal};
      const answered =
        this.#classic === undefined
          ? answerRequest(kind, payload, exchange)
          : this.#classic.answer(payload, exchange);
      return answered instanceof Promise
        ? answered.catch((error: unknown) => this.#tell(kind, error))
        : undefined;
    } catch (error) {
      return this.#tell(kind, error);
    }
  }

  #tell(kind: number, error: unknown): Promise<void> | undefined {
    if (!this.#socket.writable || isJangadaError(error, 'aborted')) {
      return undefined;
    }

    const told = asWireError(error);
    this.#errors++;
    if (told.code === 'internal') {
      this.#log('error', {kind, ...loggedError(error)}, 'a request failed');
    } else if (this.#errors <= loggedErrors) {
      this.#log('info', {kind, code: told.code}, displayName(told.message));
    }

    if (this.#classic !== undefined) {
      // It has no words for errors: its end is one.
      this.#draining = true;
      return undefined;
    }

    return this.#output.queue(encodeError(told))?.catch(() => {});
  }

  /** Say `error` when it is its turn, and end. Nothing more is read. */
  #end(error: JangadaError): void {
    this.#lastWord ??= error;
    this.#timers.clearDeadline();
    // Nothing came, or bytes that are nothing: the latter is worth a line.
    const level = error.code === 'timed_out' ? this.#endLevel : 'info';
    this.#log(level, {code: error.code}, displayName(error.message));
    this.#finishWhenAnswered();
  }

  #finishWhenAnswered(): void {
    if (!this.#answering) {
      this.#finish();
    }
  }

  #finish(): void {
    if (!this.#isOpen) {
      this.destroy();
      return;
    }

    if (this.#lastWord !== undefined && this.#socket.writable && this.#classic === undefined) {
      this.#socket.write(encodeError(this.#lastWord));
    }

    // The last word may have to wait for the client, too.
    this.#stallWatch.start();
    this.#abort.abort();
    closeGently(this.#socket, this.#options.services.deadlines);
  }

  #closed(): void {
    clearTimeout(this.#wrongProof);
    this.#timers.clearDeadline();
    this.#requests.clear();
    this.#abort.abort();
    this.#log(
      this.#endLevel,
      {
        requests: this.#answered,
        errors: this.#errors,
        bytes: this.#output.bytes,
        ms: Math.round(performance.now() - this.#openedAt),
      },
      'connection ended',
    );
  }

  /** One that asked for nothing is no news: a health check comes every second. */
  get #endLevel(): ClientLogLevel {
    return this.#answered + this.#errors === 0 ? 'debug' : 'info';
  }

  #log(level: ClientLogLevel, fields: Record<string, unknown>, message: string): void {
    this.#options.log.write(level, fields, message);
  }
}

function errorCodeOf(error: Error): string {
  return systemErrorCode(error) ?? error.name;
}
