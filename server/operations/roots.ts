/**
 * The states of many files, and their root digests. An error is said in the place of its file, and does not
 * cost the others. A rejection of `store.load` itself fails the whole request.
 *
 *     paths ─┬─ small: some read in one call, hashed here ───┬─► records, in order ─► frames
 *            └─ larger: known, or from threads of the store ─┘
 *
 * Digests of small files are not remembered: to read one takes no longer than to find out whether it is still the
 * one that was read, and those of hundreds of thousands would push out the ones that cost more.
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

/** Sends records in their order; some of them may be still to come. */
class Sending {
  readonly #exchange: Exchange;
  readonly #frame = new RootFrame();
  /** Those that cannot be sent yet, the oldest first, and how many of them are still to come. */
  readonly #waiting: Array<Awaitable<RootRecord[]>> = [];
  #pending = 0;
  #blocks = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** So many blocks more are hashed. */
  readonly computed = (blocks: number): void => {
    this.#blocks += blocks;
  };

  /** Resolves when there is room for others. */
  async add(records: Awaitable<RootRecord[]>): Promise<void> {
    this.#waiting.push(records);
    if (records instanceof Promise) {
      this.#pending++;
      // They are awaited when their turn comes, or at the end.
      records.catch(() => {});
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

/** `files` in portions: small ones that are read in one call, or one other. */
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

/** @throws JangadaError `aborted`; any other error is a record. Also through the promise. */
function recordsOf(portion: readonly Question[], asking: Asking): Awaitable<RootRecord[]> {
  const small = portion.filter(isSmall);
  const [first] = portion;
  if (small.length === 0 && first !== undefined) {
    return andThen(recordOf(first, asking), record => [record]);
  }

  return andThen(asking.store.load(small), ({files, bytes}) => {
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
 * `records` with the states of files that have another size, and behind them those of `rest`: the store has read for
 * as long as others can wait, and the rest is read in another turn.
 */
async function completed(
  records: RootRecord[],
  {otherSize, rest}: {otherSize: ReadonlyMap<number, SmallQuestion>; rest: readonly Question[]},
  asking: Asking,
): Promise<RootRecord[]> {
  for (const [index, [path, size]] of otherSize) {
    throwIfAborted(asking.signal);
    // One after the other: each may take a thread of the store.
    const state = await recordOf([path], asking);
    // One of the size that was asked for has changed since: without its root digest it would pass for another size.
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

/** Tell the log of an error that the client is not told the reason of. */
function logFault(
  {code, cause}: FailedLoad,
  question: Question | undefined,
  {log}: Exchange,
): void {
  if (code === 'internal') {
    const about = {path: displayName(question?.[0] ?? ''), cause: displayName(cause)};
    log.write('error', about, 'the state of a file failed');
  }
}

/** @throws JangadaError `aborted`; any other error is the record. Also through the promise. */
function recordOf([path, size]: Question, asking: Asking): Awaitable<RootRecord> {
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
    throw new JangadaError('too_large', 'A root digest is given of files up to 4 TiB');
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
