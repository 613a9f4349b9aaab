/**
 * One connection: the preface, then requests, answered in order.
 *
 *     socket ──▶ decoder ──▶ requests (bounded) ──▶ operation ──▶ output ──▶ socket
 *                  │               │ full: the socket is paused
 *                  └ not frames: one error, then the end of this connection
 *
 * A client that leaves stops all that runs for it. Deadlines are absolute where a client
 * could keep a timer alive with single bytes: for the preface, and for each frame.
 */
import {Buffer} from 'node:buffer';
import type {Socket} from 'node:net';
import {setImmediate as nextTurn} from 'node:timers/promises';
import type {Logger} from 'pino';
import {availableAlgorithms} from '../protocol/block.ts';
import {isJangadaError, JangadaError, wireErrorCodes} from '../protocol/errors.ts';
import {FrameDecoder, type FrameKind, maxControlPayload, preface} from '../protocol/frame.ts';
import {
  encodeAnswer,
  encodeHello,
  maxMaskLength,
  maxMasks,
  maxPipelined,
  maxRanges,
  protocolVersion,
  requestKinds,
} from '../protocol/messages.ts';
import type {BlockLease} from './block-pool.ts';
import {closeGently} from './close-gently.ts';
import {answerRequest} from './operations/answer-request.ts';
import type {Services} from './operations/exchange.ts';
import {Output} from './output.ts';
import type {RateLimiter} from './rate-limiter.ts';
import {programName} from './version.ts';

/** Work of one connection in one turn of the event loop, in milliseconds. */
const sliceMs = 2;

/** Errors of one connection that are logged; a client that asks for more wrong things is not. */
const loggedErrors = 10;

const requestFrames = new Set(
  Object.values(requestKinds),
) as ReadonlySet<number> as ReadonlySet<FrameKind>;

type Request = {kind: FrameKind; payload: Buffer};

export type SessionOptions = {
  socket: Socket;
  /** The client's address. */
  peer: string;
  services: Services;
  blocks: BlockLease;
  limiter: RateLimiter | undefined;
  logger: Logger;
};

export class Session {
  readonly #options: SessionOptions;
  readonly #socket: Socket;
  readonly #output: Output;
  readonly #abort = new AbortController();
  readonly #decoder: FrameDecoder;
  readonly #requests: Request[] = [];
  readonly #openedAt = performance.now();
  #greeting: Buffer | undefined = Buffer.alloc(0);
  #deadline: NodeJS.Timeout | undefined;
  #deadlineOf: 'preface' | 'frame' | undefined;
  #answering = false;
  #taken = 0;
  #answered = 0;
  #errors = 0;
  #draining = false;
  /** Said when all requests before it are answered; then the connection ends. */
  #lastWord: JangadaError | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#output = new Output(options.socket, options.limiter);
    this.#decoder = new FrameDecoder(
      {
        control: (kind, payload) => this.#take(kind, payload),
        blockMemory: () => undefined,
        block: () => {},
      },
      {accept: requestFrames, maxPayload: maxControlPayload},
    );
    this.#listen();
  }

  /** Finish what is being answered, answer nothing more, and end. */
  drain(): void {
    this.#draining = true;
    if (!this.#answering) {
      this.destroy();
    }
  }

  /** End at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const {deadlines} = this.#options.services;
    const socket = this.#socket;
    socket.on('data', bytes => this.#receive(bytes));
    socket.on('end', () => socket.destroy());
    socket.on('error', error => this.#options.logger.debug({code: errorCodeOf(error)}, 'socket'));
    socket.on('close', () => this.#closed());
    // Counts from the last byte that moved in either direction.
    socket.setTimeout(deadlines.idleMs, () => this.#silent());
    this.#setDeadline('preface', deadlines.prefaceMs);
  }

  #receive(bytes: Buffer): void {
    if (this.#lastWord !== undefined) {
      return;
    }

    try {
      const rest = this.#greeting === undefined ? bytes : this.#greet(this.#greeting, bytes);
      if (rest !== undefined && rest.length > 0) {
        this.#decode(rest);
      }
    } catch (error) {
      this.#end(asBadBytes(error));
    }
  }

  /** The preface, which may come in pieces. What is left of `bytes` behind it, when it is whole. */
  #greet(before: Buffer, bytes: Buffer): Buffer | undefined {
    const greeting = Buffer.concat([before, bytes.subarray(0, preface.length - before.length)]);
    if (!preface.subarray(0, greeting.length).equals(greeting)) {
      throw new JangadaError('bad_request', 'This is a Jangada server: begin with jangada/1');
    }

    this.#greeting = greeting;
    if (greeting.length < preface.length) {
      return undefined;
    }

    this.#greeting = undefined;
    this.#setDeadline(undefined);
    this.#output.queue(hello());
    return bytes.subarray(preface.length - before.length);
  }

  #decode(bytes: Buffer): void {
    const before = this.#taken;
    try {
      this.#decoder.push(bytes);
    } finally {
      // Also those that came before bytes that are not frames.
      this.#start();
    }

    const completed = this.#taken > before;
    if (this.#requests.length >= maxPipelined) {
      this.#socket.pause();
      this.#setDeadline(undefined);
    } else if (!this.#decoder.midFrame) {
      this.#setDeadline(undefined);
    } else if (completed || this.#deadlineOf === undefined) {
      this.#setDeadline('frame', this.#options.services.deadlines.frameMs);
    }
  }

  #take(kind: FrameKind, payload: Buffer): void {
    this.#requests.push({kind, payload: Buffer.from(payload)});
    this.#taken++;
  }

  #start(): void {
    if (!this.#answering && this.#requests.length > 0) {
      this.#answering = true;
      this.#socket.setTimeout(this.#options.services.deadlines.stallMs);
      this.#work().catch((error: unknown) => {
        this.#options.logger.error({err: error}, 'a connection failed');
        this.destroy();
      });
    }
  }

  /** Answer what has come, and leave room for others between. */
  async #work(): Promise<void> {
    let sliceEnd = performance.now() + sliceMs;
    while (!this.#draining && !this.#abort.signal.aborted) {
      const request = this.#requests.shift();
      if (request === undefined) {
        break;
      }

      const answer = this.#answer(request);
      if (answer !== undefined) {
        await answer;
      }

      this.#answered++;
      this.#resume();
      if (performance.now() >= sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + sliceMs;
      }
    }

    this.#answering = false;
    this.#socket.setTimeout(this.#options.services.deadlines.idleMs);
    if (this.#lastWord !== undefined || this.#draining) {
      this.#finish();
    }
  }

  #resume(): void {
    if (
      this.#requests.length === maxPipelined / 2 &&
      this.#socket.isPaused() &&
      this.#lastWord === undefined
    ) {
      this.#socket.resume();
      if (this.#decoder.midFrame) {
        this.#setDeadline('frame', this.#options.services.deadlines.frameMs);
      }
    }
  }

  /** Answer one request. Errors become an error frame. */
  #answer({kind, payload}: Request): Promise<void> | undefined {
    const {blocks, peer, services} = this.#options;
    const {signal} = this.#abort;
    try {
      return answerRequest(kind, payload, {
        ...services,
        blocks,
        peer,
        output: this.#output,
        signal,
      })?.catch((error: unknown) => this.#tell(kind, error));
    } catch (error) {
      return this.#tell(kind, error);
    }
  }

  #tell(kind: FrameKind, error: unknown): Promise<void> | undefined {
    if (this.#abort.signal.aborted || isJangadaError(error, 'aborted')) {
      return undefined;
    }

    const told = asWireError(error);
    this.#errors++;
    if (told.code === 'internal') {
      this.#options.logger.error({kind, err: error}, 'a request failed');
    } else if (this.#errors <= loggedErrors) {
      this.#options.logger.info({kind, code: told.code}, told.message);
    }

    return this.#output.queue(encodeAnswer('error', wireError(told)))?.catch(() => {});
  }

  /** Say `error` when it is its turn, and end. Nothing more is read. */
  #end(error: JangadaError): void {
    this.#lastWord ??= error;
    this.#setDeadline(undefined);
    this.#options.logger.info({code: error.code}, error.message);
    if (!this.#answering) {
      this.#finish();
    }
  }

  #finish(): void {
    if (this.#lastWord !== undefined && !this.#socket.destroyed) {
      this.#socket.write(encodeAnswer('error', wireError(this.#lastWord)));
    }

    this.#abort.abort();
    closeGently(this.#socket, this.#options.services.deadlines.lingerMs);
  }

  #silent(): void {
    const {deadlines} = this.#options.services;
    if (this.#output.pending) {
      this.#options.logger.info(`the client took no bytes for ${deadlines.stallMs} ms`);
      this.destroy();
    } else if (!this.#answering && this.#deadlineOf === undefined) {
      this.#end(new JangadaError('timed_out', 'Nothing was asked for: the connection is closed'));
    } else {
      this.#socket.setTimeout(this.#socket.timeout ?? deadlines.idleMs);
    }
  }

  #setDeadline(of: 'preface' | 'frame'): void;
  #setDeadline(of: undefined): void;
  #setDeadline(of: 'preface' | 'frame', ms: number): void;
  #setDeadline(of: 'preface' | 'frame' | undefined, ms = 0): void {
    clearTimeout(this.#deadline);
    this.#deadlineOf = of;
    this.#deadline =
      of === undefined
        ? undefined
        : setTimeout(() => {
            this.#end(new JangadaError('timed_out', `The ${of} did not come within ${ms} ms`));
          }, ms);
  }

  #closed(): void {
    clearTimeout(this.#deadline);
    this.#requests.length = 0;
    this.#abort.abort();
    this.#options.logger.info(
      {
        requests: this.#answered,
        errors: this.#errors,
        bytes: this.#output.bytes,
        ms: Math.round(performance.now() - this.#openedAt),
      },
      'connection ended',
    );
  }
}

function hello(): Buffer {
  return encodeHello({
    protocol: protocolVersion,
    server: programName(),
    algorithms: [...availableAlgorithms],
    token: false,
    limits: {
      payload: maxControlPayload,
      pipelined: maxPipelined,
      ranges: maxRanges,
      masks: maxMasks,
      maskLength: maxMaskLength,
    },
  });
}

function asBadBytes(error: unknown): JangadaError {
  return isJangadaError(error)
    ? new JangadaError('bad_request', error.message, {cause: error})
    : new JangadaError('internal', 'The server failed; its log says more', {cause: error});
}

function asWireError(error: unknown): JangadaError {
  return isJangadaError(error, ...wireErrorCodes)
    ? error
    : new JangadaError('internal', 'The server failed; its log says more', {cause: error});
}

function wireError(error: JangadaError): {code: (typeof wireErrorCodes)[number]; message: string} {
  const code = wireErrorCodes.find(known => known === error.code) ?? 'internal';
  return {code, message: error.message.slice(0, 1000)};
}

function errorCodeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
