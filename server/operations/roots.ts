/**
 * The states of many files, and their root digests: known ones at once, those of small files as they are read,
 * those of larger ones from the threads of the store. An error is said in the place of its file, and does not
 * cost the others.
 *
 *     paths ─► open ─┬─ known, or small: here ───┬─► records, in order ─► frames
 *                    └─ larger: store, two ahead ┘
 */
import {Buffer} from 'node:buffer';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {RootFrame, type RootRecord} from '../../protocol/batches/root-list.ts';
import {type DigestAlgorithm, digestOf} from '../../protocol/block.ts';
import {isJangadaError, JangadaError, throwIfAborted, wireCodeOf} from '../../protocol/errors.ts';
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import {maxRootBlocks} from '../indexes/digest-index.ts';
import {loggedError} from '../output/logged-error.ts';
import {asWireError} from '../output/wire-error.ts';
import type {StoredFile, VersionedEntry} from '../store/store.ts';
import {changed, notAFile} from '../store/store-errors.ts';
import {type Awaitable, andThen} from '../waiting/awaitable.ts';
import {withSignsOfLife} from '../waiting/signs-of-life.ts';
import {computeDigests} from './compute-digests.ts';
import type {Exchange, Operation} from './exchange.ts';
import {refuseChanged} from './refuse-changed.ts';
import {withFile} from './with-file.ts';

/** Bytes of the largest file that is hashed on this thread: a message to another would take longer. */
const smallFile = 65_536;

/** Work in one turn of the event loop, in milliseconds. */
const sliceMs = 2;

/** Files that are open at once, while the threads of the store hash them. */
const largeAtOnce = 2;

export const roots: Operation<CheckedRequests['roots']> = async ({files, algorithm}, exchange) => {
  const stop = new AbortController();
  const signal = AbortSignal.any([exchange.signal, stop.signal]);
  const sending = new Sending(exchange);
  const asking = {...exchange, signal, algorithm, computed: sending.computed};
  let sliceEnd = performance.now() + sliceMs;
  try {
    for (const [path, size] of files) {
      if (performance.now() >= sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + sliceMs;
      }

      throwIfAborted(signal);
      await sending.add(recordOf(path, size, asking));
    }

    await sending.end();
  } finally {
    stop.abort();
    await sending.settled();
  }

  await exchange.output.send(encodeAnswer('end', {count: files.length}));
};

/** Sends records in their order; a few of them may be still to come. */
class Sending {
  readonly #exchange: Exchange;
  readonly #frame = new RootFrame();
  /** Those that cannot be sent yet, the oldest first, and how many of them are still to come. */
  readonly #waiting: Array<Awaitable<RootRecord>> = [];
  #pending = 0;
  #blocks = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** So many blocks more are hashed. */
  readonly computed = (blocks: number): void => {
    this.#blocks += blocks;
  };

  /** Resolves when there is room for another one. */
  async add(record: Awaitable<RootRecord>): Promise<void> {
    this.#waiting.push(record);
    if (record instanceof Promise) {
      this.#pending++;
      // It is awaited when its turn comes, or at the end.
      record.catch(() => {});
    }

    while (this.#pending === 0 ? this.#waiting.length > 0 : this.#pending >= largeAtOnce) {
      await this.#sendOldest();
    }
  }

  /** Send the rest. */
  async end(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#sendOldest();
    }

    await this.#flush();
  }

  /** Resolves when no file of a record that is not sent is open any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#waiting);
  }

  async #sendOldest(): Promise<void> {
    const oldest = this.#waiting[0];
    if (oldest === undefined) {
      return;
    }

    const record = oldest instanceof Promise ? await this.#whileAlive(oldest) : oldest;
    this.#waiting.shift();
    this.#pending -= oldest instanceof Promise ? 1 : 0;
    this.#frame.add(record);
    if (this.#frame.isFull) {
      await this.#flush();
    }
  }

  async #whileAlive(record: Promise<RootRecord>): Promise<RootRecord> {
    const {deadlines, output} = this.#exchange;
    return await withSignsOfLife(record, deadlines.progressMs, async () => {
      await this.#flush();
      await output.send(encodeAnswer('progress', {done: this.#blocks}));
    });
  }

  async #flush(): Promise<void> {
    const frame = this.#frame.take();
    if (frame !== undefined) {
      await this.#exchange.output.send(frame);
    }
  }
}

type Asking = Exchange & {algorithm: DigestAlgorithm; computed(blocks: number): void};

/** @throws JangadaError `aborted`; any other error is the record. Also through the promise. */
function recordOf(
  path: RemotePath,
  size: number | undefined,
  asking: Asking,
): Awaitable<RootRecord> {
  const {log, store} = asking;
  const toRecord = (error: unknown): RootRecord => {
    if (isJangadaError(error, 'aborted')) {
      throw error;
    }

    const told = asWireError(error);
    if (told.code === 'internal') {
      log.write('error', loggedError(error), 'the state of a file failed');
    }

    return {kind: 'error', code: wireCodeOf(told), message: told.message};
  };
  try {
    const record =
      size === undefined
        ? andThen(store.stat(path), stateOf)
        : withFile(store, path, file => rooted(path, file, size, asking));
    return record instanceof Promise ? record.catch(toRecord) : record;
  } catch (error) {
    return toRecord(error);
  }
}

function stateOf({name, type, size, mtimeMs, version}: VersionedEntry): RootRecord {
  if (type !== 'file') {
    throw notAFile(name, type);
  }

  return {kind: 'file', size, mtimeMs, version, root: undefined};
}

/** The state of `file`, with the root digest if it has `wantedSize`. */
function rooted(
  path: RemotePath,
  file: StoredFile,
  wantedSize: number,
  asking: Asking,
): Awaitable<RootRecord> {
  const {size, mtimeMs, version} = file;
  const withRoot = (root: string | undefined): RootRecord => ({
    ...({kind: 'file', size, mtimeMs, version} as const),
    root: root === undefined ? undefined : Buffer.from(root, 'hex'),
  });
  return size === wantedSize ? andThen(rootOf(path, file, asking), withRoot) : withRoot(undefined);
}

/** @throws JangadaError `changed`, `too_large` and those of the store; also through the promise. */
function rootOf(path: RemotePath, file: StoredFile, asking: Asking): Awaitable<string> {
  const {algorithm, computed, digests, peer, signal} = asking;
  const known = digests.for(file, algorithm);
  const {root} = known;
  if (root !== undefined) {
    return root;
  }

  if (known.blocks > maxRootBlocks) {
    throw new JangadaError('too_large', 'A root digest is given of files up to 4 TiB');
  }

  const compute =
    file.size > smallFile
      ? computeDigests(file, known, {from: 0, to: known.blocks}, {peer, signal, computed})
      : andThen(digestOfSmall(path, file, algorithm), digest => known.set(0, digest));
  return andThen(compute, () =>
    andThen(refuseChanged(path, file), () => {
      if (known.root === undefined) {
        throw changed(path);
      }

      return known.root;
    }),
  );
}

function digestOfSmall(
  path: RemotePath,
  file: StoredFile,
  algorithm: DigestAlgorithm,
): Awaitable<Buffer> {
  const bytes = Buffer.allocUnsafe(file.size);
  return andThen(file.read(bytes, 0), count => {
    if (count < file.size) {
      throw changed(path);
    }

    return digestOf(algorithm, bytes);
  });
}
