/** `list` and `find` as an AsyncIterable: batches of entries as they arrive, with back-pressure. */
import {Buffer} from 'node:buffer';
import {isDeepStrictEqual} from 'node:util';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {type FrameKind, frameKinds} from '../../../protocol/frame.ts';
import {type Hello, maxEarlyPayload} from '../../../protocol/hello.ts';
import {
  type Answers,
  answerSchemas,
  decodePayload,
  type Entry,
} from '../../../protocol/messages.ts';
import type {EntriesRequest} from '../client-options.ts';
import type {AnswerReceiver} from '../connection/answer-queue.ts';
import type {Connection} from '../connection/connection.ts';
import type {Loan, Pool} from '../pool.ts';
import {Retries} from '../retries.ts';
import {beginEarly, type EarlyWork} from './early-work.ts';

/** Default limit for the entries of one answer, because a server could send entries for ever. */
export const defaultMostEntries = 5_000_000;

/** Most batches that wait for a slow reader before the socket has to wait. */
const maxWaiting = 8;

export type StreamOptions = {
  signal?: AbortSignal | undefined;
  /** A feature that the server must have. */
  needs?: keyof typeof abilities | undefined;
  /** Called with the final frame of the answer, before the stream ends. */
  onEnd?: ((end: Answers['end']) => void) | undefined;
  /** Most entries to accept in all. Default: 5,000,000. */
  mostEntries?: number;
  /** The same request, made ahead. */
  ahead?: EntriesAhead | undefined;
};

/** A request for entries that was made before its answer is wanted. No other call may use its connection. */
export class EntriesAhead implements Disposable {
  readonly #request: EntriesRequest;
  readonly #pool: Pool;
  readonly #work: EarlyWork<EntryAnswer>;

  /**
   * Take an idle connection or open one, and send the request. Resolves once the connection has been greeted.
   *
   * @throws JangadaError as `Connection.open`.
   */
  static async begin(
    pool: Pool,
    request: EntriesRequest,
    signal: AbortSignal | undefined,
  ): Promise<EntriesAhead> {
    const send = (connection: Connection) =>
      new EntryAnswer(connection, request, defaultMostEntries);
    return new EntriesAhead(pool, request, await beginEarly(pool, send, {signal}));
  }

  private constructor(pool: Pool, request: EntriesRequest, work: EarlyWork<EntryAnswer>) {
    this.#pool = pool;
    this.#request = request;
    this.#work = work;
  }

  answers(request: EntriesRequest): boolean {
    return isDeepStrictEqual(request, this.#request);
  }

  /** Lend the connection with its answer to the caller that wants it. It must not be disposed of after that. */
  lend(signal: AbortSignal | undefined): {loan: Loan; answer: EntryAnswer} {
    const {connection, work} = this.#work;
    return {loan: this.#pool.loan(connection, signal), answer: work};
  }

  /** Give the connection back. It is closed if entries are still due on it. */
  [Symbol.dispose](): void {
    this.#pool.release(this.#work.connection);
  }
}

/**
 * Entries of a folder or a search, in the server's batches. The stream has a connection for itself until the caller has
 * taken all entries, or stops reading.
 *
 * @throws JangadaError the error of the server; `unsupported` if the server lacks the feature; `too_large` if there are
 * more entries than allowed; `aborted`.
 */
export async function* streamEntries(
  pool: Pool,
  request: EntriesRequest,
  {signal, needs, onEnd, mostEntries = defaultMostEntries, ahead}: StreamOptions = {},
): AsyncGenerator<readonly Entry[]> {
  const retries = new Retries(pool, signal);
  let begun = ahead?.lend(signal);
  for (;;) {
    const {loan, answer} = begun ?? (await begin(pool, request, {signal, needs, mostEntries}));
    begun = undefined;
    let isRead = false;
    let failure: unknown;
    try {
      for await (const received of answer) {
        isRead = true;
        if ('entries' in received) {
          yield received.entries;
        } else {
          onEnd?.(received.end);
        }
      }

      return;
    } catch (error) {
      if (isRead) {
        // A repeated request would return the same entries again, which is worse than an error.
        throw error;
      }

      failure = error;
    } finally {
      loan.end();
    }

    await retries.after(failure);
  }
}

/** Whether every server accepts the request before its greeting. */
export function mayGoEarly({body}: EntriesRequest): boolean {
  return Buffer.byteLength(JSON.stringify(body)) <= maxEarlyPayload;
}

/**
 * Send `request`: before the greeting, if the request may go early and the greeting need not say whether the server has
 * the feature `needs`.
 */
async function begin(
  pool: Pool,
  request: EntriesRequest,
  {signal, needs, mostEntries}: Pick<StreamOptions, 'signal' | 'needs'> & {mostEntries: number},
): Promise<{loan: Loan; answer: EntryAnswer}> {
  const send = (connection: Connection) => new EntryAnswer(connection, request, mostEntries);
  if (needs === undefined && mayGoEarly(request)) {
    const {connection, work} = await beginEarly(pool, send, {signal});
    return {loan: pool.loan(connection, signal), answer: work};
  }

  const connection = await pool.acquire(signal);
  if (needs === undefined || connection.can(needs) === true) {
    return {loan: pool.loan(connection, signal), answer: send(connection)};
  }

  pool.release(connection);
  throw unsupported(connection.hello, needs);
}

const abilities = {'find-folders': 'search for folders'} as const;

function unsupported({server}: Hello, feature: keyof typeof abilities): JangadaError {
  return new JangadaError(
    'unsupported',
    `The server (${displayName(server)}) cannot ${abilities[feature]}: it needs a newer version of jangada-server`,
  );
}

function tooMany(most: number): JangadaError {
  return new JangadaError(
    'too_large',
    `The server sent more than ${most.toLocaleString('en')} entries: list or search one folder at a time`,
  );
}

/** A batch of entries, or the frame that ends the answer. */
type Received = {entries: readonly Entry[]} | {end: Answers['end']};

/** The answer to a request, which leaves when this object is made. Entries wait here until they are read. */
class EntryAnswer implements AnswerReceiver {
  readonly #connection: Connection;
  readonly #name: EntriesRequest['name'];
  readonly #mostEntries: number;
  readonly #waiting: Received[] = [];
  #count = 0;
  #ended = false;
  #failure: JangadaError | undefined;
  #wake: (() => void) | undefined;

  constructor(connection: Connection, {name, body}: EntriesRequest, mostEntries: number) {
    this.#connection = connection;
    this.#name = name;
    this.#mostEntries = mostEntries;
    connection.request(name, body, this);
  }

  failed(error: JangadaError): void {
    this.#failure = error;
    this.#wake?.();
  }

  control(kind: FrameKind, payload: Buffer): boolean {
    if (kind === frameKinds.entries) {
      const received = decodePayload(answerSchemas.entries, payload, 'protocol');
      this.#count += received.entries.length;
      if (this.#count > this.#mostEntries) {
        throw tooMany(this.#mostEntries);
      }

      this.#waiting.push(received);
      if (this.#waiting.length >= maxWaiting) {
        this.#connection.pause();
      }
    } else if (kind === frameKinds.end) {
      this.#waiting.push({end: decodePayload(answerSchemas.end, payload, 'protocol')});
      this.#ended = true;
    } else if (kind !== frameKinds.progress) {
      throw new JangadaError(
        'protocol',
        `The server answered ${this.#name} with a frame of another request`,
      );
    }

    this.#wake?.();
    return this.#ended;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Received> {
    for (;;) {
      const received = this.#waiting.shift();
      if (received !== undefined) {
        if (this.#waiting.length < maxWaiting / 2) {
          this.#connection.unpause();
        }

        yield received;
      } else if (this.#failure !== undefined) {
        throw this.#failure;
      } else if (this.#ended) {
        return;
      } else {
        const next = Promise.withResolvers<void>();
        this.#wake = next.resolve;
        await next.promise;
      }
    }
  }
}
