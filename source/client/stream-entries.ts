/** `list` and `find` as an AsyncIterable: batches of entries as they come, with back pressure. */
import type {Buffer} from 'node:buffer';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {type FrameKind, frameKinds} from '../../protocol/frame.ts';
import type {Feature, Hello} from '../../protocol/hello.ts';
import {answerSchemas, decodePayload, type Entry, type Requests} from '../../protocol/messages.ts';
import type {Connection} from './connection/connection.ts';
import type {Pool} from './pool.ts';
import {Retries} from './retries.ts';

/** Entries of one answer beyond which it is given up, by default: a server could go on for ever. */
const defaultMostEntries = 5_000_000;

/** Batches that may wait for a slow reader before the socket is told to wait. */
const maxWaiting = 8;

type StreamOptions = {
  signal?: AbortSignal | undefined;
  needs?: Feature | undefined;
  mostEntries?: number;
};

/**
 * Entries of a folder or a search, in the server's batches. It has a connection for itself until the
 * caller has taken all, or leaves.
 *
 * @param options.needs an ability that the server must have.
 * @param options.mostEntries entries in all that are taken. Default: 5,000,000.
 * @throws JangadaError the error of the server; `unsupported` without that ability; `too_large` beyond
 * the most entries; `aborted`.
 */
export async function* streamEntries<Name extends 'list' | 'find'>(
  pool: Pool,
  name: Name,
  body: Requests[Name],
  {signal, needs, mostEntries = defaultMostEntries}: StreamOptions = {},
): AsyncGenerator<readonly Entry[]> {
  const retries = new Retries(pool, signal);
  for (;;) {
    const loan = await pool.lend(signal);
    const {connection} = loan;
    let begun = false;
    let failure: unknown;
    try {
      if (needs !== undefined && !connection.hello.features.includes(needs)) {
        throw unsupported(connection.hello, needs);
      }

      for await (const batch of receive(connection, name, body, mostEntries)) {
        begun = true;
        yield batch;
      }

      return;
    } catch (error) {
      if (begun) {
        // Entries given twice would be worse than an error.
        throw error;
      }

      failure = error;
    } finally {
      loan.end();
    }

    await retries.after(failure);
  }
}

const abilities: Readonly<Record<Feature, string>> = {
  'find-folders': 'search for folders',
};

function unsupported({server}: Hello, feature: Feature): JangadaError {
  return new JangadaError(
    'unsupported',
    `The server (${displayName(server)}) cannot ${abilities[feature]}: it needs a newer version of jangada-server`,
  );
}

function tooMany(most: number): JangadaError {
  return new JangadaError(
    'too_large',
    `The server names more than ${most.toLocaleString('en')} entries: ask for fewer at once, one folder after the other`,
  );
}

async function* receive<Name extends 'list' | 'find'>(
  connection: Connection,
  name: Name,
  body: Requests[Name],
  mostEntries: number,
): AsyncGenerator<readonly Entry[]> {
  const waiting: Array<readonly Entry[]> = [];
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
        const {entries} = decodePayload(answerSchemas.entries, payload, 'protocol');
        count += entries.length;
        if (count > mostEntries) {
          throw tooMany(mostEntries);
        }

        waiting.push(entries);
        if (waiting.length >= maxWaiting) {
          connection.pause();
        }
      } else if (kind === frameKinds.end) {
        ended = true;
      } else if (kind !== frameKinds.progress) {
        throw new JangadaError('protocol', `The server answered ${name} with something else`);
      }

      wake?.();
      return ended;
    },
  });
  for (;;) {
    const batch = waiting.shift();
    if (batch !== undefined) {
      if (waiting.length < maxWaiting / 2) {
        connection.unpause();
      }

      yield batch;
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
