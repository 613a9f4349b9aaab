/** Compares a local copy with the server's file, block by block, and hashes local files. */
import type {Buffer} from 'node:buffer';
import {closeSync, fstat} from 'node:fs';
import {promisify} from 'node:util';
import {
  blockCount,
  blockLength,
  type DigestAlgorithm,
  digestSize,
  type HashAlgorithm,
  rootDigest,
} from '../../../protocol/block.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import {bothDigests} from '../blocks/both-digests.ts';
import {digestsToGoBy} from '../blocks/expected-digests.ts';
import {openLocal} from '../disk/open-local.ts';
import {checker, type FileToHash} from '../hashing/checker.ts';
import type {BlockView} from '../terms/block-view.ts';
import type {ExpectedContent} from '../terms/expected-content.ts';
import {stateOf} from '../terms/file-state.ts';
import type {VerifiedCopy} from '../terms/verdict.ts';
import {LiveBlocks} from './compare/live-blocks.ts';

const stating = promisify(fstat);

/**
 * `missing`: the local file ends before the end of that block. `bad`: the block differs, or is beyond the remote end.
 */
export type BlockVerdict = 'good' | 'bad' | 'missing';

export type VerifyReport = {
  readonly remotePath: RemotePath;
  readonly localFile: string;
  readonly algorithm: DigestAlgorithm;
  /** In bytes. */
  readonly localSize: number;
  readonly remoteSize: number;
  /** One verdict for each block of the larger file. */
  readonly blocks: readonly BlockVerdict[];
  readonly good: number;
  readonly bad: number;
  readonly missing: number;
  /** Root digests in hex. */
  readonly localRoot: string;
  readonly remoteRoot: string;
  readonly equal: boolean;
  /** Whether the local file has the expected content; undefined if none was given. */
  readonly expected: boolean | undefined;
  /** SHA-256 of the local file in hex, if a SHA-256 was expected. */
  readonly localSha256: string | undefined;
  /**
   * Both files as they were compared; undefined if that is not known: the copy was changed or renamed meanwhile, or an
   * older server does not send the time of its file.
   */
  readonly compared: VerifiedCopy | undefined;
};

export type VerifyOptions = {
  signal?: AbortSignal | undefined;
  /** The content that both files must have. */
  expect?: ExpectedContent | undefined;
  /** Called with the hashed bytes of the local file, its size, and the verdicts on its blocks so far. */
  onProgress?: (progress: {doneBytes: number; totalBytes: number; blocks: BlockView}) => void;
};

/**
 * Hash the blocks of `localFile` on other threads, and compare them with the server's.
 *
 * @throws JangadaError `not_found`, `not_a_file` (on the server); `local_io` (here); `changed` if one of the files
 * changes meanwhile; `unexpected` if the server's file does not have the expected root.
 */
export async function verifyFile(
  client: Client,
  remotePath: RemotePath,
  localFile: string,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const {signal, expect} = options;
  const fd = await openLocal(localFile, signal);
  try {
    const before = await stating(fd, {bigint: true});
    const size = Number(before.size);
    const file = {fd, path: localFile, size};
    const {algorithm, expected} = await digestsToGoBy({remotePath}, expect, client, {
      signal,
    }).catch((error: unknown) => rethrowWithCopy(error, file, expect, signal));
    const blocks = new LiveBlocks(size);
    let doneBytes = 0;
    const tell = () => options.onProgress?.({doneBytes, totalBytes: size, blocks});
    const {here, there} = await bothDigests(
      {local: file, remotePath, algorithm, expected},
      {client, checker},
      {
        signal,
        onProgress(bytes) {
          doneBytes = bytes;
          tell();
        },
        onHere: (first, digests) => blocks.here(first, digests),
        onThere(first, digests) {
          blocks.there(first, digests);
          tell();
        },
      },
    );
    const root = there.root ?? (await rootOf(client, remotePath, algorithm, there.version, signal));
    if (root === undefined || there.digests.length !== blockCount(there.size) * digestSize) {
      throw new JangadaError('protocol', 'The server sent invalid digests');
    }

    const localSha256 =
      expect?.kind === 'sha256'
        ? (await checker.hash({...file, length: size}, 'sha256', {signal})).digest
        : undefined;
    const after = await stating(fd, {bigint: true});
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs) {
      throw changedHere(localFile);
    }

    const {mtimeMs, version} = there;
    const remote = mtimeMs === undefined ? undefined : {size: there.size, mtimeMs, version};
    const isSame = stateOf(after) === stateOf(before);
    const compared = isSame ? remote && {state: stateOf(before), remote} : undefined;
    const about = {remotePath, localFile, algorithm, localSize: size, localSha256, compared};
    return report(about, here, {...there, root}, expect);
  } finally {
    closeSync(fd);
  }
}

/**
 * Hash the first `length` bytes of a local file (the whole file if it is shorter), on another thread.
 *
 * @throws JangadaError `local_io`, `aborted`.
 */
export async function hashLocalFile(
  localFile: string,
  options: {
    algorithm: HashAlgorithm;
    length?: number | undefined;
    signal?: AbortSignal | undefined;
    /** Called with the number of bytes hashed so far, and of bytes to hash. */
    onProgress?: (bytes: number, totalBytes: number) => void;
  },
): Promise<{digest: string; length: number}> {
  const fd = await openLocal(localFile, options.signal);
  try {
    const {size} = await stating(fd, {});
    const length = Math.min(options.length ?? Number.POSITIVE_INFINITY, Number(size));
    return await checker.hash({fd, path: localFile, length}, options.algorithm, {
      signal: options.signal,
      onProgress: bytes => options.onProgress?.(bytes, length),
    });
  } finally {
    closeSync(fd);
  }
}

/**
 * The root digest of a local file, in hex, computed on other threads.
 *
 * @throws JangadaError `local_io`, `aborted`; `changed` if the file becomes shorter meanwhile.
 */
export async function rootOfLocalFile(
  localFile: string,
  algorithm: DigestAlgorithm,
  options: {signal?: AbortSignal | undefined} = {},
): Promise<{root: string; size: number}> {
  const {signal} = options;
  const fd = await openLocal(localFile, signal);
  try {
    const size = Number((await stating(fd, {})).size);
    return {root: await rootHere({fd, path: localFile, size}, algorithm, signal), size};
  } finally {
    closeSync(fd);
  }
}

/** The root digest of an open file, in hex. @throws as `rootOfLocalFile`. */
async function rootHere(
  file: FileToHash,
  algorithm: DigestAlgorithm,
  signal: AbortSignal | undefined,
): Promise<string> {
  const digests = await checker.digests(file, algorithm, {signal});
  if (digests.length !== blockCount(file.size) * digestSize) {
    throw changedHere(file.path);
  }

  return rootDigest(algorithm, digests).toString('hex');
}

/**
 * If the server has other content, the files cannot be compared, but the copy can still be checked against the
 * expectation.
 */
async function rethrowWithCopy(
  error: unknown,
  file: FileToHash,
  expect: ExpectedContent | undefined,
  signal: AbortSignal | undefined,
): Promise<never> {
  if (expect?.kind !== 'root' || !isJangadaError(error, 'unexpected')) {
    throw error;
  }

  const isRight = (await rootHere(file, expect.algorithm, signal)) === expect.hex;
  const copy = isRight
    ? 'The local copy has the expected content'
    : 'The local copy does not have the expected content either';
  throw new JangadaError('unexpected', `${error.message}. ${copy}`, {cause: error});
}

function changedHere(localFile: string): JangadaError {
  const name = displayName(localFile);
  return new JangadaError('changed', `${name} changed while it was read: verify it again`);
}

/** The root digest as the server computes it, in hex. */
async function rootOf(
  client: Client,
  path: RemotePath,
  algorithm: DigestAlgorithm,
  version: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  return (await client.digests(path, {from: 0, to: 0, algorithm, version, signal})).root;
}

function report(
  about: Pick<
    VerifyReport,
    'remotePath' | 'localFile' | 'algorithm' | 'localSize' | 'localSha256' | 'compared'
  >,
  local: Buffer,
  remote: {digests: Buffer; size: number; root: string},
  expect: ExpectedContent | undefined,
): VerifyReport {
  const count = Math.max(blockCount(about.localSize), blockCount(remote.size));
  const blocks = Array.from({length: count}, (_, index) =>
    verdict(index, about.localSize, local, remote),
  );
  const localRoot = rootDigest(about.algorithm, local).toString('hex');
  const good = blocks.filter(block => block === 'good').length;
  const bad = blocks.filter(block => block === 'bad').length;
  return {
    ...about,
    remoteSize: remote.size,
    blocks,
    good,
    bad,
    missing: count - good - bad,
    localRoot,
    remoteRoot: remote.root,
    equal: good === count && about.localSize === remote.size && localRoot === remote.root,
    expected: expect && expect.hex === (expect.kind === 'root' ? localRoot : about.localSha256),
  };
}

function verdict(
  index: number,
  localSize: number,
  local: Buffer,
  remote: {digests: Buffer; size: number},
): BlockVerdict {
  const at = index * digestSize;
  const length = blockLength(remote.size, index);
  const here = blockLength(localSize, index);
  if (here < length) {
    return 'missing';
  }

  const equal =
    here === length &&
    local.length >= at + digestSize &&
    local.compare(remote.digests, at, at + digestSize, at, at + digestSize) === 0;
  return equal ? 'good' : 'bad';
}
