/**
 * One connection: the preface, then a place, then requests, which are answered in order.
 *
 *     socket ──▶ request reader (bounded) ──▶ operation ──▶ output ──▶ socket
 *                  │     full: the socket is paused
 *                  └ not frames: one error, then the end of this connection
 *
 * With a door (doors/door.ts), the socket is a TLS socket, and the client logs in before its first request.
 * A balancer may ask whether the server is ready, instead of sending a preface; it needs no place.
 * If the options allow it, a client that begins with a digit gets the classic dialogue instead of the request reader.
 *
 * When a client leaves, all work for it stops. The deadlines for the preface and for each frame are absolute, because a
 * client could extend an idle timeout with single bytes.
 */
import type {Buffer} from 'node:buffer';
import {Socket} from 'node:net';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {TLSSocket} from 'node:tls';
import {isJangadaError, JangadaError} from '../../protocol/errors.ts';
import {frameKinds} from '../../protocol/frame.ts';
import type {Token} from '../../protocol/program/tokens.ts';
import {beginsClassic, ClassicDialogue} from '../classic/dialogue.ts';
import {hello} from '../hello.ts';
import {labelOf} from '../metrics/counts.ts';
import {answerRequest} from '../operations/answer-request.ts';
import type {Services} from '../operations/exchange.ts';
import {Output} from '../output/output.ts';
import {StallWatch} from '../output/stall-watch.ts';
import {asBadBytes, asWireError, encodeError, goodBye} from '../output/wire-error.ts';
import type {ClientSocket} from './client-socket.ts';
import {closeGently} from './close-gently.ts';
import {ConnectionLog} from './connection-log.ts';
import {ConnectionTimers} from './connection-timers.ts';
import {noRequest, otherNeedsPlace} from './last-words.ts';
import {Login, wrongToken} from './login.ts';
import type {Idle} from './places.ts';
import {type Request, RequestReader} from './request-reader.ts';
import type {SessionOptions} from './session-options.ts';
import {tellReadiness} from './tell-readiness.ts';

/** How long one connection may work in one turn of the event loop, in milliseconds. */
const sliceMs = 2;

export class Session {
  readonly #options: SessionOptions;
  readonly #log: ConnectionLog;
  readonly #socket: ClientSocket;
  readonly #output: Output;
  readonly #stallWatch: StallWatch;
  readonly #abort = new AbortController();
  readonly #timers: ConnectionTimers;
  readonly #reader: RequestReader;
  /** The reader of requests; the classic dialogue if the client speaks it. */
  #requests: RequestReader | ClassicDialogue;
  /** `#requests`, if it is the classic dialogue. */
  #classic: ClassicDialogue | undefined;
  readonly #login: Login | undefined;
  /** What the client may read: with a token for a folder, only that folder. */
  #services: Services;
  /** Whether the server can send to the client: not before the TLS handshake is complete. */
  #isOpen = false;
  /** Whether the client has a place; before that, the server answers no request. */
  #isGreeted = false;
  /** Whether the client is a balancer that only asks whether the server is ready. */
  #asksReadiness = false;
  #answering = false;
  /** When work was last done for the client. */
  #workedAt = performance.now();
  #draining = false;
  /** The error to send after all earlier requests are answered; then the connection ends. */
  #lastWord: JangadaError | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    const {limiter, log, login, services, socket} = options;
    this.#log = new ConnectionLog(log, services.counts);
    this.#services = services;
    this.#login = login === undefined ? undefined : new Login(login, options, this.#log);
    const onStall = () => {
      this.#log.stalled();
      this.destroy();
    };
    const {counts, deadlines} = services;
    this.#stallWatch = new StallWatch({socket, stallMs: deadlines.stallMs, onStall});
    this.#output = new Output(socket, {counts, limiter, stallWatch: this.#stallWatch});
    this.#timers = new ConnectionTimers({
      socket,
      output: this.#output,
      deadlines,
      onIdle: () => this.#end(noRequest),
      onLate: message => this.#end(new JangadaError('timed_out', message)),
    });
    this.#reader = new RequestReader({
      socket,
      timers: this.#timers,
      onPreface: () => this.#knock(),
      onReadinessQuestion: () => this.#tellReadiness(),
      onLogin: this.#login === undefined ? undefined : payload => this.#prove(payload),
      onRequests: () => this.#start(),
    });
    this.#requests = this.#reader;
    this.#listen();
  }

  /** Since when the client has sent no requests except pings; undefined while an answer is running. */
  get idle(): Idle | undefined {
    return this.#answering || this.#output.pending || this.#lastWord !== undefined
      ? undefined
      : {since: this.#workedAt, owesLogin: this.#login !== undefined && this.token === undefined};
  }

  /** The token with which the client has logged in; undefined before the login, or if the server needs none. */
  get token(): Token | undefined {
    return this.#login?.token;
  }

  /** Give the client its place. */
  greet(): void {
    if (!this.#socket.writable) {
      // While the client waited, it was told why its connection ends.
      return;
    }

    this.#isGreeted = true;
    this.#workedAt = performance.now();
    if (this.#classic === undefined) {
      this.#socket.write(hello(this.#login?.nonce));
    }

    this.#socket.resume();
    this.#start();
  }

  /** Tell the client that it gets no place, and end. */
  refuse(why: string): void {
    this.#lastWord ??= new JangadaError('busy', `${why}; try again later`);
    this.#timers.clearDeadline();
    this.#finishWhenAnswered();
  }

  /** Break off the running answer, drop the waiting requests, tell the client that its token is no longer valid, and end. */
  revoke(): void {
    this.#requests.clear();
    if (this.#lastWord === undefined) {
      this.#end(wrongToken);
    }

    this.breakOff();
  }

  /** Tell the client that another one needs its place, and end. */
  makeWay(): void {
    this.#end(otherNeedsPlace);
  }

  /** Finish the running answer, begin no other, send a good-bye and end. */
  drain(): void {
    if (!this.#asksReadiness) {
      this.#draining = true;
      this.#timers.clearDeadline();
      this.#finishWhenAnswered();
    }
  }

  /** Break off the running answer at the end of a frame. */
  breakOff(): void {
    this.#abort.abort();
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
    socket.on('error', error => this.#log.socketFailed(error));
    socket.on('close', () => this.#closed());
  }

  #open(): void {
    this.#isOpen = true;
    this.#reader.begin();
  }

  /** The first byte decides whether the client speaks the protocol or the classic dialogue. */
  #chooseDialogue(bytes: Buffer): void {
    const {classic} = this.#options;
    const socket = this.#socket;
    const isOffered = classic !== undefined && socket instanceof Socket;
    if (isOffered && beginsClassic(bytes) && this.#lastWord === undefined) {
      // `nc` ends its side after it has sent its input.
      socket.allowHalfOpen = true;
      this.#timers.clearDeadline();
      this.#classic = new ClassicDialogue({...classic, socket, onRequests: () => this.#start()});
      this.#requests = this.#classic;
      this.#knock();
    }
  }

  /** Ask for a place. Until the client has one, read only the bytes that came with the preface. */
  #knock(): void {
    this.#socket.pause();
    this.#options.enter();
  }

  #tellReadiness(): void {
    this.#asksReadiness = true;
    const {readiness, services} = this.#options;
    tellReadiness(this.#socket, readiness, services.counts).then(() => this.#finish(), this.#fail);
  }

  #inputEnded(): void {
    if (this.#asksReadiness) {
      // The readiness answer is on its way.
    } else if (this.#classic === undefined) {
      this.destroy();
    } else {
      this.#lastWord ??= new JangadaError('aborted', 'The client has stopped sending');
      this.#finishWhenAnswered();
    }
  }

  #receive(bytes: Buffer): void {
    if (this.#lastWord !== undefined || this.#asksReadiness) {
      return;
    }

    this.#services.counts.receivedBytes += bytes.length;
    try {
      this.#requests.receive(bytes);
    } catch (error) {
      this.#end(asBadBytes(error));
    }
  }

  /** A `login` has arrived. Its judgement may come late, so the deadline for its arrival is over. */
  #prove(payload: Buffer): void {
    this.#timers.clearDeadline();
    this.#login?.prove(payload, {
      welcome: (store, welcome) => {
        this.#services = {...this.#services, store};
        this.#socket.write(welcome);
        this.#reader.proved();
      },
      refuse: error => this.#end(asBadBytes(error)),
    });
  }

  #start(): void {
    if (this.#isGreeted && !this.#answering && this.#requests.pending) {
      this.#answering = true;
      this.#timers.answering = true;
      this.#work().catch(this.#fail);
    }
  }

  readonly #fail = (error: unknown) => {
    this.#log.failed(error);
    this.#login?.end();
    this.destroy();
  };

  /** Answer the waiting requests, and let other connections work between them. */
  async #work(): Promise<void> {
    let now = performance.now();
    let sliceEnd = now + sliceMs;
    while (!this.#draining && !this.#abort.signal.aborted) {
      const request = this.#requests.next();
      if (request === undefined) {
        break;
      }

      const answer = this.#answer(request);
      if (answer !== undefined) {
        await answer;
      }

      const before = now;
      now = performance.now();
      const label = this.#classic === undefined ? labelOf(request.kind) : 'classic';
      this.#log.answered(label, now - before);
      if (request.kind !== frameKinds.ping) {
        this.#workedAt = now;
      }

      if (this.#lastWord === undefined) {
        this.#requests.resume();
      }

      if (now >= sliceEnd) {
        await nextTurn();
        now = performance.now();
        sliceEnd = now + sliceMs;
      }
    }

    this.#answering = false;
    this.#timers.answering = false;
    if (this.#lastWord !== undefined || this.#draining) {
      this.#finish();
    } else if (this.#socket.destroyed) {
      this.#login?.end();
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
      this.#log.requestAborted();
      return undefined;
    }

    const told = asWireError(error);
    this.#log.requestFailed(kind, error, told);
    if (this.#classic !== undefined) {
      // The dialogue has no text for errors: it ends instead.
      this.#draining = true;
      return undefined;
    }

    return this.#output.queue(encodeError(told))?.catch(() => {});
  }

  /** Send `error` after the running answers, and end. Read nothing more. */
  #end(error: JangadaError): void {
    this.#lastWord ??= error;
    this.#timers.clearDeadline();
    this.#log.ending(error);
    this.#finishWhenAnswered();
  }

  #finishWhenAnswered(): void {
    if (!this.#answering) {
      this.#finish();
    }
  }

  #finish(): void {
    this.#login?.end();
    if (!this.#isOpen) {
      this.destroy();
      return;
    }

    const unsaid = this.#draining ? goodBye : undefined;
    const lastWord = this.#lastWord === undefined ? unsaid : encodeError(this.#lastWord);
    if (lastWord !== undefined && this.#socket.writable && this.#classic === undefined) {
      this.#socket.write(lastWord);
    }

    // The last message may also wait for a client that reads nothing.
    this.#stallWatch.start();
    this.#abort.abort();
    closeGently(this.#socket, this.#options.services.deadlines);
  }

  #closed(): void {
    if (!this.#answering) {
      this.#login?.end();
    }

    this.#timers.clearDeadline();
    this.#requests.clear();
    this.#abort.abort();
    // `Places` counts refused connections.
    if (this.#lastWord?.code !== 'busy') {
      this.#log.ended(this.#output.bytes);
    }
  }
}
