/**
 * Reads the requests of one connection: the preface, a login if the server needs one, then frames. The number of
 * requests that wait for an answer is bounded, and so are their bytes; at a bound the server stops reading.
 */
import {Buffer} from 'node:buffer';
import {JangadaError} from '../../protocol/errors.ts';
import {type FrameKind, maxControlPayload, preface} from '../../protocol/frame.ts';
import {FrameDecoder} from '../../protocol/frame-decoder.ts';
import {maxPipelined, requestKinds} from '../../protocol/messages.ts';
import {readinessQuestion} from '../../protocol/readiness.ts';
import {beginsProxyHeader} from '../doors/proxy/proxy-header.ts';
import type {ClientSocket} from './client-socket.ts';
import type {ConnectionTimers} from './connection-timers.ts';
import {LoginReader} from './login-reader.ts';

const requestFrames = new Set(
  Object.values(requestKinds),
) as ReadonlySet<number> as ReadonlySet<FrameKind>;

/** The server reads no further request while more bytes of requests wait: a few of the largest ones. */
const mostWaitingBytes = 1_048_576;

export type Request = {kind: number; payload: Buffer};

type RequestReaderOptions = {
  socket: ClientSocket;
  timers: ConnectionTimers;
  /** The preface was right. */
  onPreface(): void;
  /** Instead of a preface, the client asked whether the server is ready. The server drops further bytes. */
  onReadinessQuestion(): void;
  /** Takes the payload of a `login`; without it, clients need no login. Call `proved` if the login is right. */
  onLogin?: ((payload: Buffer) => void) | undefined;
  /** Requests may have arrived, even if invalid bytes follow them. */
  onRequests(): void;
};

export class RequestReader {
  readonly #options: RequestReaderOptions;
  /** Created for the first request, because it takes memory. */
  #decoder: FrameDecoder | undefined;
  readonly #requests: Request[] = [];
  /** The bytes of `#requests`. */
  #waitingBytes = 0;
  /** The received bytes of the preface; undefined once it is complete. */
  #preface: Buffer | undefined = Buffer.alloc(0);
  /** Undefined once the client has logged in. */
  #login: LoginReader | undefined;
  #taken = 0;

  constructor(options: RequestReaderOptions) {
    this.#options = options;
    this.#login = options.onLogin === undefined ? undefined : new LoginReader();
  }

  /** The client can send from now on. */
  begin(): void {
    this.#options.timers.setDeadline('preface');
  }

  /** Whether requests wait for an answer. */
  get pending(): boolean {
    return this.#requests.length > 0;
  }

  /**
   * Take received bytes.
   *
   * @throws JangadaError `bad_request`, `protocol` or `too_large` for bytes that are not valid requests.
   */
  receive(bytes: Buffer): void {
    const rest = this.#preface === undefined ? bytes : this.#takePreface(this.#preface, bytes);
    if (rest.length > 0 && this.#login !== undefined) {
      this.#takeLogin(this.#login, rest);
    } else if (rest.length > 0) {
      this.#decode(rest);
    }
  }

  /** The client has logged in, and may send requests from now on. */
  proved(): void {
    this.#login = undefined;
    this.#options.timers.clearDeadline();
  }

  /** The next request to answer; undefined if none waits. */
  next(): Request | undefined {
    const request = this.#requests.shift();
    this.#waitingBytes -= request?.payload.length ?? 0;
    return request;
  }

  /** Read again if half of the queue is free, by the number of requests and by their bytes. */
  resume(): void {
    const {socket, timers} = this.#options;
    const isHalfFree =
      this.#requests.length <= maxPipelined / 2 && this.#waitingBytes <= mostWaitingBytes / 2;
    if (isHalfFree && socket.isPaused()) {
      socket.resume();
      if (this.#decoder?.midFrame) {
        timers.setDeadline('frame');
      }
    }
  }

  /** Drop the waiting requests. */
  clear(): void {
    this.#requests.length = 0;
    this.#waitingBytes = 0;
  }

  /** The bytes after the preface, which may arrive in pieces. */
  #takePreface(before: Buffer, bytes: Buffer): Buffer {
    const {onPreface, onReadinessQuestion, timers} = this.#options;
    const missing = preface.length - before.length;
    const received = Buffer.concat([before, bytes.subarray(0, missing)]);
    const begins = (whole: Buffer) => whole.subarray(0, received.length).equals(received);
    if (!begins(preface) && !begins(readinessQuestion)) {
      throw new JangadaError(
        'bad_request',
        received.length >= 6 && beginsProxyHeader(received)
          ? 'This server takes the PROXY protocol only from addresses that --trust-proxy names'
          : 'This is a Jangada server: begin with jangada/1',
      );
    }

    this.#preface = received;
    if (received.length === preface.length) {
      this.#preface = undefined;
      timers.clearDeadline();
      if (begins(readinessQuestion)) {
        onReadinessQuestion();
        return Buffer.alloc(0);
      }

      if (this.#login !== undefined) {
        timers.setDeadline('login');
      }

      onPreface();
    }

    return bytes.subarray(missing);
  }

  #takeLogin(login: LoginReader, bytes: Buffer): void {
    const payload = login.receive(bytes);
    if (payload !== undefined) {
      this.#options.onLogin?.(payload);
    }
  }

  #decode(bytes: Buffer): void {
    const {onRequests, socket, timers} = this.#options;
    const before = this.#taken;
    this.#decoder ??= new FrameDecoder(
      {
        control: (kind, payload) => this.#take(kind, payload),
        blockMemory: () => undefined,
        block: () => {},
      },
      {accept: requestFrames, maxPayload: maxControlPayload},
    );
    try {
      this.#decoder.push(bytes);
    } finally {
      onRequests();
    }

    const completed = this.#taken > before;
    if (this.#requests.length >= maxPipelined || this.#waitingBytes > mostWaitingBytes) {
      socket.pause();
      timers.clearDeadline();
    } else if (!this.#decoder.midFrame) {
      timers.clearDeadline();
    } else if (completed || !timers.waits) {
      timers.setDeadline('frame');
    }
  }

  #take(kind: FrameKind, payload: Buffer): void {
    this.#requests.push({kind, payload: Buffer.from(payload)});
    this.#waitingBytes += payload.length;
    this.#taken++;
  }
}
