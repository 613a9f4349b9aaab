/**
 * Answers `roots`: the states of many files, and their root digests. A file that fails has an error in its position, and
 * the others are still answered. A rejection of `store.load` itself fails the whole request.
 *
 *     paths ─┬─ small: some read in one call, hashed here ───┬─► records, in order ─► frames
 *            └─ larger: known, or from threads of the store ─┘
 *
 * The index does not remember digests of small files: reading such a file takes no longer than checking that it has not
 * changed, and hundreds of thousands of them would push out digests that cost more.
 */
import {Buffer} from 'node:buffer';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {mostPacked, mostPackedBytes} from '../../protocol/batches/packed-files.ts';
import {RootFrame, type RootRecord} from '../../protocol/batches/root-list.ts';
import {type DigestAlgorithm, digestOf, rootDigest} from '../../protocol/block.ts';
import {displayName} from '../../protocol/display-text.ts';
import {isJangadaError, JangadaError, throwIfAborted, wireCodeOf} from '../../protocol/errors.ts';
import {type CheckedRequests, encodeAnswer, maxPackedFile} from '../../protocol/messages.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import {maxRootBlocks} from '../indexes/file-digests.ts';
import {loggedError} from '../output/logged-error.ts';
import {asWireError} from '../output/wire-error.ts';
import type {LoadedFile, StoredFile, VersionedEntry} from '../store/store.ts';
import {changed, notAFile} from '../store/store-errors.ts';
import {type Awaitable, andThen} from '../waiting/awaitable.ts';
import {withSignsOfLife} from '../waiting/signs-of-life.ts';
import {computeDigests} from './compute-digests.ts';
import type {Exchange, Operation} from './exchange.ts';
import {refuseChanged} from './refuse-changed.ts';
import {withFile} from './with-file.ts';

/** How long to work in one turn of the event loop, in milliseconds. */
const sliceMs = 2;

/** The most files that are open at once while threads of the store hash them. */
const largeAtOnce = 2;

export const roots: Operation<CheckedRequests['roots']> = async ({files, algorithm}, exchange) => {
  const stop = new AbortController();
  const signal = AbortSignal.any([exchange.signal, stop.signal]);
  const sending = new Sending(exchange);
  const asking = {...exchange, signal, algorithm, computed: sending.computed};
  let sliceEnd = performance.now() + sliceMs;
  try {
    for (const portion of portionsOf(files)) {
      if (performance.now() >= sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + sliceMs;
      }

      throwIfAborted(signal);
      await sending.add(recordsOf(portion, asking));
    }

    await sending.end();
    await exchange.digests.saved();
  } finally {
    stop.abort();
    await sending.settled();
  }

  await exchange.output.send(encodeAnswer('end', {count: files.length}));
};

/** Sends records in order; some may still be missing. */
class Sending {
  readonly #exchange: Exchange;
  readonly #frame = new RootFrame();
  /** Records that cannot be sent yet, the oldest first, and how many of them are still missing. */
  readonly #waiting: Array<Awaitable<RootRecord[]>> = [];
  #pending = 0;
  #blocks = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Count newly hashed blocks. */
  readonly computed = (blocks: number): void => {
    this.#blocks += blocks;
  };

  /** Add records. Resolves when there is room for more. */
  async add(records: Awaitable<RootRecord[]>): Promise<void> {
    this.#waiting.push(records);
    if (records instanceof Promise) {
      this.#pending++;
      // They are awaited later, in order; until then a rejection must not be unhandled.
      records.catch(() => {});
    }

    while (this.#pending === 0 ? this.#waiting.length > 0 : this.#pending >= largeAtOnce) {
      await this.#sendOldest();
    }
  }

  /** Send the remaining records. */
  async end(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#sendOldest();
    }

    await this.#flush();
  }

  /** Resolves when all files of unsent records are closed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#waiting);
  }

  async #sendOldest(): Promise<void> {
    const oldest = this.#waiting[0];
    if (oldest === undefined) {
      return;
    }

    const records = oldest instanceof Promise ? await this.#whileAlive(oldest) : oldest;
    this.#waiting.shift();
    this.#pending -= oldest instanceof Promise ? 1 : 0;
    for (const record of records) {
      this.#frame.add(record);
      if (this.#frame.isFull) {
        await this.#flush();
      }
    }
  }

  async #whileAlive(records: Promise<RootRecord[]>): Promise<RootRecord[]> {
    const {deadlines, output} = this.#exchange;
    return await withSignsOfLife(records, deadlines.progressMs, async () => {
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

type FailedLoad = Extract<LoadedFile, {kind: 'error'}>;

type Asking = Exchange & {algorithm: DigestAlgorithm; computed(blocks: number): void};

type Question = CheckedRequests['roots']['files'][number];

type SmallQuestion = [path: RemotePath, size: number];

/** Split `files` into portions: several small files to read in one call, or one larger file. */
function* portionsOf(files: readonly Question[]): Generator<Question[], void, void> {
  let small: Question[] = [];
  let bytes = 0;
  for (const file of files) {
    const [, size] = file;
    const isFull = small.length === mostPacked || bytes + (size ?? 0) > mostPackedBytes;
    if (small.length > 0 && (!isSmall(file) || isFull)) {
      yield small;
      small = [];
      bytes = 0;
    }

    if (isSmall(file)) {
      small.push(file);
      bytes += size ?? 0;
    } else {
      yield [file];
    }
  }

  if (small.length > 0) {
    yield small;
  }
}

function isSmall(file: Question): file is SmallQuestion {
  const [, size] = file;
  return size !== undefined && size <= maxPackedFile;
}

/** @throws JangadaError `aborted`, also through the promise; any other error becomes a record. */
function recordsOf(portion: readonly Question[], asking: Asking): Awaitable<RootRecord[]> {
  const small = portion.filter(isSmall);
  const [first] = portion;
  if (small.length === 0 && first !== undefined) {
    return andThen(recordOf(first, asking), record => [record]);
  }

  return andThen(asking.store.load(small, asking.signal), ({files, bytes}) => {
    let at = 0;
    const otherSize = new Map<number, SmallQuestion>();
    const records = files.map((loaded, index): RootRecord => {
      const question = small[index];
      if (loaded.kind === 'error' && loaded.code === 'changed' && question !== undefined) {
        otherSize.set(index, question);
        return loaded;
      }

      if (loaded.kind === 'error') {
        logFault(loaded, question, asking);
        return loaded;
      }

      at += loaded.size;
      const own = bytes.subarray(at - loaded.size, at);
      const digest = own.length === 0 ? own : digestOf(asking.algorithm, own);
      return {...loaded, root: rootDigest(asking.algorithm, digest)};
    });
    const rest = portion.slice(files.length);
    return otherSize.size === 0 && rest.length === 0
      ? records
      : completed(records, {otherSize, rest}, asking);
  });
}

/**
 * Complete `records`: replace those of files with another size by their states, and append those of `rest`. The store
 * left out `rest` because it had read for as long as other clients can wait.
 */
async function completed(
  records: RootRecord[],
  {otherSize, rest}: {otherSize: ReadonlyMap<number, SmallQuestion>; rest: readonly Question[]},
  asking: Asking,
): Promise<RootRecord[]> {
  for (const [index, [path, size]] of otherSize) {
    throwIfAborted(asking.signal);
    // One after the other, because each may take a thread of the store.
    const state = await recordOf([path], asking);
    // If the file has the expected size again, keep the error: a state without a root digest means another size.
    if (state.kind === 'error' || state.size !== size) {
      records[index] = state;
    }
  }

  if (rest.length === 0) {
    return records;
  }

  await nextTurn();
  throwIfAborted(asking.signal);
  return [...records, ...(await recordsOf(rest, asking))];
}

/** Log an error whose reason the client does not get. */
function logFault(
  {code, cause}: FailedLoad,
  question: Question | undefined,
  {log}: Exchange,
): void {
  if (code === 'internal') {
    const about = {path: displayName(question?.[0] ?? ''), cause: displayName(cause)};
    log.write('error', about, 'cannot tell the state of a file');
  }
}

/** @throws JangadaError `aborted`, also through the promise; any other error becomes the record. */
function recordOf([path, size]: Question, asking: Asking): Awaitable<RootRecord> {
  const {log, signal, store} = asking;
  const toRecord = (error: unknown): RootRecord => {
    if (isJangadaError(error, 'aborted')) {
      throw error;
    }

    const told = asWireError(error);
    if (told.code === 'internal') {
      log.write('error', loggedError(error), 'cannot tell the state of a file');
    }

    return {kind: 'error', code: wireCodeOf(told), message: told.message};
  };
  try {
    const record =
      size === undefined
        ? andThen(store.stat(path, signal), stateOf)
        : withFile(asking, path, file => rooted(path, file, size, asking));
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
  const {algorithm, counts, digests, peer, signal} = asking;
  const computed = (blocks: number) => {
    counts.digests.computed += blocks;
    asking.computed(blocks);
  };
  const known = digests.for(file, algorithm);
  const {root} = known;
  if (root !== undefined) {
    return root;
  }

  if (known.blocks > maxRootBlocks) {
    throw new JangadaError(
      'too_large',
      'The server computes root digests only of files up to 4 TiB',
    );
  }

  const wanted = {from: 0, to: known.blocks};
  const compute = computeDigests(file, known, wanted, {peer, signal, computed});
  return andThen(compute, () =>
    andThen(refuseChanged(path, file), () => {
      if (known.root === undefined) {
        throw changed(path);
      }

      return known.root;
    }),
  );
}
