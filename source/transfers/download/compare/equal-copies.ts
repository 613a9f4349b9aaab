/**
 * Finds those of many local copies that are equal to the server's files, without a request for each: one answer has the
 * root digests of some hundred files, and the copies are hashed here meanwhile.
 */
import {closeSync, fstat} from 'node:fs';
import {promisify} from 'node:util';
import type {RootedFile} from '../../../../protocol/batches/root-list.ts';
import {
  blockCount,
  blockSize,
  type DigestAlgorithm,
  digestSize,
  rootDigest,
} from '../../../../protocol/block.ts';
import {isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import {askRoots, canAskRoots} from '../../../client/ask-roots.ts';
import type {Client} from '../../../client/client.ts';
import {localPlace, openLocal} from '../../disk/open-local.ts';
import {checker, type HashedFile} from '../../hashing/checker.ts';
import {type FileToOpen, SmallHashing} from '../../hashing/small-hashing.ts';
import {stateOf} from '../../terms/file-state.ts';
import type {VerifyReport} from '../verify.ts';

const stating = promisify(fstat);

/** A local file, its size in bytes a moment ago, and the remote file that it is a copy of. */
export type CopyToCompare = {remotePath: RemotePath; localFile: string; size: number};

type Options = {
  signal?: AbortSignal | undefined;
  /** Called with the number of bytes of the copies hashed so far. */
  onProgress?: ((bytes: number) => void) | undefined;
};

/** The root digest in hex of a local file, and its state. */
type Here = Pick<HashedFile, 'root' | 'size' | 'state'>;

/**
 * For each of `copies`, in order: a report if the copy is equal. Undefined: it differs, cannot be read, does not exist,
 * or the server is too old to tell; `verifyFile` finds out which.
 *
 * @throws JangadaError `aborted`, `connection_lost` and other errors that concern all copies.
 */
export async function equalCopies(
  client: Client,
  copies: readonly CopyToCompare[],
  {signal, onProgress}: Options = {},
): Promise<Array<VerifyReport | undefined>> {
  const {features} = await client.hello({signal});
  if (!features.includes('roots')) {
    return copies.map(() => undefined);
  }

  const algorithm = await client.digestAlgorithm({signal});
  const hashing = new CopyHashing(copies, algorithm, {signal, onProgress});
  const onAbort = () => hashing.stop();
  signal?.addEventListener('abort', onAbort, {once: true});
  try {
    const questions = copies.map(({remotePath, size}) => [remotePath, size] as const);
    const there = await client.withConnection(
      async connection =>
        canAskRoots(connection) ? await askRoots(connection, questions, algorithm) : [],
      {signal},
    );
    const here = await hashing.all();
    return copies.map((copy, index) => reportOn(copy, here[index], there[index], algorithm));
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await hashing.settled();
  }
}

function reportOn(
  {remotePath, localFile}: CopyToCompare,
  here: Here | undefined,
  there: RootedFile | JangadaError | undefined,
  algorithm: DigestAlgorithm,
): VerifyReport | undefined {
  if (here === undefined || there === undefined || there instanceof JangadaError) {
    return undefined;
  }

  const {size, mtimeMs, version} = there;
  const remoteRoot = there.root?.toString('hex');
  if (remoteRoot !== here.root || size !== here.size) {
    return undefined;
  }

  const blocks = new Array<'good'>(blockCount(size)).fill('good');
  return {
    ...{remotePath, localFile, algorithm, blocks, remoteRoot, localRoot: here.root},
    ...{localSize: size, remoteSize: size, equal: true},
    ...{good: blocks.length, bad: 0, missing: 0},
    ...{expected: undefined, localSha256: undefined},
    compared: {state: here.state, remote: {size, mtimeMs, version}},
  };
}

/** Hashes the copies: several small ones at a time, and each larger one on all threads, one after the other. */
class CopyHashing {
  readonly #files: ReadonlyArray<FileToOpen & CopyToCompare>;
  readonly #small: SmallHashing<FileToOpen & CopyToCompare>;
  readonly #algorithm: DigestAlgorithm;
  readonly #options: Options;
  readonly #large: Promise<Map<CopyToCompare, Here | undefined>>;
  #isOver = false;
  #bytes = 0;

  constructor(copies: readonly CopyToCompare[], algorithm: DigestAlgorithm, options: Options) {
    this.#files = copies.map(copy => ({...copy, at: localPlace(copy.localFile)}));
    this.#algorithm = algorithm;
    this.#options = options;
    const small = this.#files.filter(({size}) => size <= blockSize);
    // The user gave the path, so links are followed.
    this.#small = new SmallHashing(checker, small, {algorithm, checksums: false, follow: true});
    this.#large = this.#hashLarge();
    // The result is awaited in `all`, unless the server fails first.
    this.#large.catch(() => {});
  }

  /**
   * For each copy its root digest; undefined if it cannot be read, or changes meanwhile. @throws JangadaError
   * `aborted`.
   */
  async all(): Promise<Array<Here | undefined>> {
    const all: Array<Here | undefined> = [];
    for (const file of this.#files) {
      all.push(file.size <= blockSize ? await this.#ofSmall(file) : (await this.#large).get(file));
    }

    return all;
  }

  stop(): void {
    this.#isOver = true;
    this.#small.stop();
  }

  async settled(): Promise<void> {
    this.stop();
    await Promise.allSettled([this.#small.settled(), this.#large]);
  }

  async #ofSmall(file: FileToOpen & CopyToCompare): Promise<Here | undefined> {
    const hashed = await this.#small.of(file);
    this.#tell(file.size);
    return hashed.kind === 'hashed' ? hashed : undefined;
  }

  async #hashLarge(): Promise<Map<CopyToCompare, Here | undefined>> {
    const found = new Map<CopyToCompare, Here | undefined>();
    for (const file of this.#files) {
      if (file.size > blockSize && !this.#isOver) {
        found.set(file, await rootHere(file.localFile, this.#algorithm, this.#options.signal));
        this.#tell(file.size);
      }
    }

    return found;
  }

  #tell(bytes: number): void {
    this.#bytes += bytes;
    this.#options.onProgress?.(this.#bytes);
  }
}

/** @throws JangadaError `aborted`. */
async function rootHere(
  localFile: string,
  algorithm: DigestAlgorithm,
  signal: AbortSignal | undefined,
): Promise<Here | undefined> {
  try {
    const fd = await openLocal(localFile, signal);
    try {
      const before = await stating(fd, {bigint: true});
      const size = Number(before.size);
      const digests = await checker.digests({fd, path: localFile, size}, algorithm, {signal});
      const state = stateOf(before);
      const isWhole = digests.length === blockCount(size) * digestSize;
      return isWhole && stateOf(await stating(fd, {bigint: true})) === state
        ? {root: rootDigest(algorithm, digests).toString('hex'), size, state}
        : undefined;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isJangadaError(error, 'local_io')) {
      return undefined;
    }

    throw error;
  }
}
