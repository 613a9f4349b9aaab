/**
 * Connections for ranges of objects over plain TCP. The socket reads the bytes directly into their final memory. Node's
 * HTTP would give each 64 KiB in new memory, which took over four times as much processor time.
 *
 *     head of the answer ─► 16 KiB of the lane ─► exactly the requested bytes? ─► rest of the body ─► `into`
 *
 * A lane accepts one kind of answer: 206 with exactly the requested bytes. Any other answer closes the lane. An answer
 * that says "busy" becomes an error; after any other one the caller repeats the request over Node's HTTP, which gives the
 * reason.
 */
import {Buffer} from 'node:buffer';
import {connect, type Socket} from 'node:net';
import {aborted, type JangadaError} from '../../../../protocol/errors.ts';
import type {BucketPlace} from './bucket-place.ts';
import {connectionError, isPassing, refusalError, silentError} from './s3-errors.ts';
import {signedHeaders} from './sign.ts';

export type RangeQuestion = {
  path: string;
  etag: string;
  /** The offset in the object of the first byte of `into`. */
  offset: number;
  into: Buffer;
  /** Called with the number of bytes of `into` that have arrived. */
  progress: (bytes: number) => void;
  /** How long the service may send nothing. */
  silenceMs: number;
  /** Whether an attempt before has failed. */
  isRepeated?: boolean;
  signal?: AbortSignal | undefined;
};

const headBytes = 16_384;

/** The most idle lanes. */
const mostIdle = 32;

/** An idle lane notices that a firewall has forgotten it, or that the service is gone, before the next range needs it. */
const probes = {keepAlive: true, keepAliveInitialDelay: 1000};

export class RangeLanes {
  readonly #place: BucketPlace;
  readonly #idle: Lane[] = [];
  #isClosed = false;

  constructor(place: BucketPlace) {
    this.#place = place;
  }

  /**
   * Fill `into`. @returns false if the service gave another answer.
   *
   * @throws JangadaError `busy`, `timed_out`, `aborted`.
   */
  async fill(question: RangeQuestion): Promise<boolean> {
    const {endpoint} = this.#place;
    const {etag, into, isRepeated, offset, path} = question;
    // An idle lane may be dead, and then the others are, too: another attempt does not try one after the other.
    const idle = isRepeated ? undefined : this.#idle.pop();
    const lane = idle ?? new Lane(endpoint);
    const range = `bytes=${offset}-${offset + into.length - 1}`;
    const headers = signedHeaders(
      {method: 'GET', path, headers: {Range: range, 'If-Match': etag}},
      this.#place,
    );
    const isFilled = await lane.fill(question, headers);
    if (lane.isUsable && !this.#isClosed && this.#idle.length < mostIdle) {
      this.#idle.push(lane);
      lane.onEnd(() => this.#forget(lane));
    } else {
      lane.end();
    }

    return isFilled;
  }

  /** End all lanes; a busy lane ends after its answer. */
  close(): void {
    this.#isClosed = true;
    for (const lane of this.#idle.splice(0)) {
      lane.end();
    }
  }

  #forget(lane: Lane): void {
    const at = this.#idle.indexOf(lane);
    if (at !== -1) {
      this.#idle.splice(at, 1);
    }
  }
}

class Lane {
  readonly #socket: Socket;
  readonly #head = Buffer.allocUnsafeSlow(headBytes);
  #headFilled = 0;
  #question: RangeQuestion | undefined;
  /** How many bytes of `into` have arrived; undefined until the head is complete. */
  #filled: number | undefined;
  #answer: PromiseWithResolvers<boolean> | undefined;
  #isUsable = true;
  #ended = () => {};

  constructor({hostname, port}: URL) {
    this.#socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 80),
      noDelay: true,
      ...probes,
      onread: {
        buffer: () => this.#room(),
        callback: bytes => {
          this.#take(bytes);
          return true;
        },
      },
    });
    this.#socket.on('error', error => this.#fail(connectionError(error)));
    this.#socket.on('close', () => {
      this.#fail(connectionError(new Error('the answer was cut')));
      this.#ended();
    });
  }

  /** Whether the lane can take another question. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** `ended` is called when the service has closed the lane. */
  onEnd(ended: () => void): void {
    this.#ended = ended;
    this.#socket.unref();
  }

  end(): void {
    this.#isUsable = false;
    this.#socket.destroy();
  }

  async fill(question: RangeQuestion, headers: Record<string, string>): Promise<boolean> {
    const {path, signal, silenceMs} = question;
    this.#question = question;
    this.#filled = undefined;
    this.#headFilled = 0;
    this.#answer = Promise.withResolvers();
    this.#socket.ref();
    const onSilence = () => this.#fail(silentError(silenceMs));
    const onAbort = () => this.#fail(aborted());
    this.#socket.setTimeout(silenceMs).once('timeout', onSilence);
    signal?.addEventListener('abort', onAbort, {once: true});
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
    try {
      return await this.#answer.promise;
    } finally {
      this.#question = undefined;
      this.#socket.setTimeout(0);
      this.#socket.off('timeout', onSilence);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Where the next bytes go. */
  #room(): Buffer {
    const {into} = this.#question ?? {};
    return into === undefined || this.#filled === undefined || this.#filled === into.length
      ? this.#head.subarray(this.#headFilled)
      : into.subarray(this.#filled);
  }

  /** Handle `bytes` new bytes in the memory that `#room` gave. */
  #take(bytes: number): void {
    const question = this.#question;
    if (question === undefined || this.#filled === question.into.length) {
      // The service sent bytes without a request.
      this.end();
      return;
    }

    if (this.#filled === undefined) {
      this.#headFilled += bytes;
      this.#readHead(question);
    } else {
      this.#filled += bytes;
      question.progress(this.#filled);
    }

    if (this.#filled === question.into.length) {
      this.#headFilled = 0;
      this.#answer?.resolve(true);
    }
  }

  #readHead(question: RangeQuestion): void {
    const end = this.#head.subarray(0, this.#headFilled).indexOf('\r\n\r\n');
    if (end === -1) {
      if (this.#headFilled === headBytes) {
        this.#giveUp();
      }

      return;
    }

    const answer = this.#head.toString('latin1', 0, end);
    const body = this.#head.subarray(end + 4, this.#headFilled);
    const busy = busyError(answer);
    if (busy !== undefined) {
      // Asking again for the reason would double the load of a busy service.
      this.#fail(busy);
      return;
    }

    if (!isAnswerTo(question, answer) || body.length > question.into.length) {
      this.#giveUp();
      return;
    }

    if (/\r\nconnection: *close/i.test(answer)) {
      this.#isUsable = false;
    }

    body.copy(question.into);
    this.#filled = body.length;
    question.progress(body.length);
  }

  #giveUp(): void {
    this.#headFilled = 0;
    this.end();
    this.#answer?.resolve(false);
  }

  #fail(error: JangadaError): void {
    this.end();
    this.#answer?.reject(error);
  }
}

/** Headers that a lane relies on: if one comes twice, its value is ambiguous. */
const singular = new Set(['content-length', 'content-range', 'etag', 'transfer-encoding']);

/** The error for an answer with this head, if it says that the same request may succeed later. */
function busyError(head: string): JangadaError | undefined {
  const [, status] = /^HTTP\/1\.1 (\d{3})(?: |\r|$)/.exec(head) ?? [];
  if (status === undefined || Number(status) < 400) {
    return undefined;
  }

  const error = refusalError({status: Number(status), code: '', region: undefined});
  return isPassing(error) ? error : undefined;
}

/** Whether an answer with this head has exactly the requested bytes. */
function isAnswerTo({etag, into, offset}: RangeQuestion, head: string): boolean {
  const [status = '', ...lines] = head.split('\r\n');
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || (fields.has(name) && singular.has(name))) {
      return false;
    }

    fields.set(name, line.slice(colon + 1).trim());
  }

  return (
    /^HTTP\/1\.1 206(?: |$)/.test(status) &&
    fields.get('content-length') === String(into.length) &&
    fields.get('content-range')?.startsWith(`bytes ${offset}-${offset + into.length - 1}/`) ===
      true &&
    fields.get('etag') === etag &&
    !fields.has('transfer-encoding')
  );
}
