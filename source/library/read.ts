/** `read` and `readBytes`: a range of a remote file; nothing is written to the disk. */
import {JangadaError, throwIfAborted} from '../../protocol/errors.ts';
import {type OpenRange, openRange} from '../transfers/download/read-range.ts';
import {type ExpectedContent, parseExpectedContent} from '../transfers/terms/expected-content.ts';
import {withReason} from './abort-reason.ts';
import {Reached, type Server} from './reach.ts';

export type ReadOptions = {
  /** The server for the path in `remote`. Default: `remote` is a whole address. */
  server?: Server | undefined;
  /** Where to begin, in bytes. Default: 0. An offset beyond the end gives nothing. */
  offset?: number | undefined;
  /** How many bytes; fewer come if the file ends earlier. Default: up to the end. */
  length?: number | undefined;
  /** `root:ALGORITHM:HEX`: the expected content. Then every byte is checked against this root. */
  expect?: string | ExpectedContent | undefined;
  /** Aborting it ends the read with `aborted`. */
  signal?: AbortSignal | undefined;
};

/**
 * A range of a remote file, as a web stream. Each block (1 MiB) is checked before any of its bytes are handed out. The
 * stream requests a few blocks ahead of its reader, and nothing before the first read. To stop early, cancel it: that
 * closes its connections.
 *
 * @param remote `jangada://HOST:PORT/PATH` and the like; with a `server` only the path.
 * @returns a stream of parts of at most 1 MiB. It fails with JangadaError: `usage`, `unreachable`, `not_found`,
 * `not_a_file`, `changed` if the file changes meanwhile, `digest_mismatch`, `unexpected`, `connection_lost`, `aborted`.
 */
export function read(
  remote: string,
  options: ReadOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const stop = new AbortController();
  const {signal} = options;
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const parts = partsOf(remote, options, either);
  // After an abort the caller need not read on: the connections are closed at once.
  const onAbort = () => void parts.return().catch(() => {});
  either.addEventListener('abort', onAbort, {once: true});
  return new ReadableStream(
    {
      async pull(controller) {
        throwIfAborted(signal);
        const part = await withReason(signal, () => parts.next()).catch((error: unknown) => {
          either.removeEventListener('abort', onAbort);
          throw error;
        });
        if (part.done === true) {
          either.removeEventListener('abort', onAbort);
          controller.close();
        } else {
          controller.enqueue(part.value);
        }
      },
      async cancel() {
        stop.abort();
        await parts.return();
      },
    },
    {highWaterMark: 0},
  );
}

/**
 * The same range as one array of bytes.
 *
 * @throws JangadaError as the stream; `too_large` if it does not fit into memory.
 */
export async function readBytes(
  remote: string,
  options: ReadOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const {signal = new AbortController().signal} = options;
  return await withReason(signal, () => readAll(remote, options, signal));
}

async function readAll(
  remote: string,
  options: ReadOptions,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  await using file = await open(remote, options, signal);
  const bytes = memoryFor(file.range.length);
  let filled = 0;
  for await (const part of file.range.parts()) {
    bytes.set(part, filled);
    filled += part.length;
  }

  return bytes;
}

async function* partsOf(
  remote: string,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  await using file = await open(remote, options, signal);
  yield* file.range.parts();
}

/** Open the requested range. The range closes the client when it ends, if the client was made for it. */
async function open(
  remote: string,
  {server, offset = 0, length, expect}: ReadOptions,
  signal: AbortSignal,
): Promise<AsyncDisposable & {range: OpenRange}> {
  throwIfAborted(signal);
  checkBytes('offset', offset);
  if (length !== undefined) {
    checkBytes('length', length);
  }

  const expected = typeof expect === 'string' ? parseExpectedContent(expect) : expect;
  if (expected?.kind === 'sha256') {
    throw new JangadaError(
      'usage',
      'A part of a file cannot be compared with a SHA-256 of all of it: expect root:ALGORITHM:HEX',
    );
  }

  const reached = new Reached(remote, server);
  try {
    const wanted = {remotePath: reached.path, offset, length, expect: expected};
    const range = await openRange(reached.client, wanted, signal);
    return {range, [Symbol.asyncDispose]: () => reached[Symbol.asyncDispose]()};
  } catch (error) {
    await reached[Symbol.asyncDispose]();
    throw error;
  }
}

function checkBytes(name: 'offset' | 'length', value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0)) {
    throw new JangadaError('usage', `Invalid ${name} ${value}: give a whole number of bytes`);
  }
}

function memoryFor(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (error) {
    throw new JangadaError(
      'too_large',
      `${bytes} bytes do not fit into memory: read them as a stream, or read fewer`,
      {cause: error},
    );
  }
}
