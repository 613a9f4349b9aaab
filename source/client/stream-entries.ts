/** `list` and `find` as an AsyncIterable: batches of entries as they arrive, with back-pressure. */
import type {Buffer} from 'node:buffer';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {type FrameKind, frameKinds} from '../../protocol/frame.ts';
import type {Hello} from '../../protocol/hello.ts';
import {
  type Answers,
  answerSchemas,
  decodePayload,
  type Entry,
  type Requests,
} from '../../protocol/messages.ts';
import type {Connection} from './connection/connection.ts';
import type {Pool} from './pool.ts';
import {Retries} from './retries.ts';

/** Default limit for the entries of one answer, because a server could send entries for ever. */
const defaultMostEntries = 5_000_000;

/** Most batches that wait for a slow reader before the socket has to wait. */
const maxWaiting = 8;

type StreamOptions = {
  signal?: AbortSignal | undefined;
  /** A feature that the server must have. */
  needs?: keyof typeof abilities | undefined;
  /** Called with the final frame of the answer, before the stream ends. */
  onEnd?: ((end: Answers['end']) => void) | undefined;
  /** Most entries to accept in all. Default: 5,000,000. */
  mostEntries?: number;
};

/**
 * Entries of a folder or a search, in the server's batches. The stream has a connection for itself until the caller has
 * taken all entries, or stops reading.
 *
 * @throws JangadaError the error of the server; `unsupported` if the server lacks the feature; `too_large` if there are
 * more entries than allowed; `aborted`.
 */
export async function* streamEntries<Name extends 'list' | 'find'>(
  pool: Pool,
  name: Name,
  body: Requests[Name],
  {signal, needs, onEnd, mostEntries = defaultMostEntries}: StreamOptions = {},
): AsyncGenerator<readonly Entry[]> {
  const retries = new Retries(pool, signal);
  for (;;) {
    const loan = await pool.lend(signal);
    const {connection} = loan;
    let begun = false;
    let failure: unknown;
    try {
      if (needs !== undefined && connection.can(needs) !== true) {
        throw unsupported(connection.hello, needs);
      }

      for await (const received of receive(connection, name, body, mostEntries)) {
        begun = true;
        if ('entries' in received) {
          yield received.entries;
        } else {
          onEnd?.(received.end);
        }
      }

      return;
    } catch (error) {
      if (begun) {
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

async function* receive<Name extends 'list' | 'find'>(
  connection: Connection,
  name: Name,
  body: Requests[Name],
  mostEntries: number,
): AsyncGenerator<Received> {
  const waiting: Received[] = [];
  let count = 0;
  let ended = false;
  let failure: JangadaError | undefined;
  let wake: (() => void) | undefined;
  connection.request(name, body, {
    failed(error) {
      failure = error;
      wake?.();
    },
    control(kind: FrameKind, payload: Buffer) {
      if (kind === frameKinds.entries) {
        const received = decodePayload(answerSchemas.entries, payload, 'protocol');
        count += received.entries.length;
        if (count > mostEntries) {
          throw tooMany(mostEntries);
        }

        waiting.push(received);
        if (waiting.length >= maxWaiting) {
          connection.pause();
        }
      } else if (kind === frameKinds.end) {
        waiting.push({end: decodePayload(answerSchemas.end, payload, 'protocol')});
        ended = true;
      } else if (kind !== frameKinds.progress) {
        throw new JangadaError(
          'protocol',
          `The server answered ${name} with a frame of another request`,
        );
      }

      wake?.();
      return ended;
    },
  });
  for (;;) {
    const received = waiting.shift();
    if (received !== undefined) {
      if (waiting.length < maxWaiting / 2) {
        connection.unpause();
      }

      yield received;
    } else if (failure !== undefined) {
      throw failure;
    } else if (ended) {
      return;
    } else {
      const next = Promise.withResolvers<void>();
      wake = next.resolve;
      await next.promise;
    }
  }
}
