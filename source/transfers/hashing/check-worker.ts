/** A thread that hashes open files, one job after the other, so that sockets and keys need not wait. */
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {closeSync, constants, fstatSync, openSync} from 'node:fs';
import {parentPort} from 'node:worker_threads';
import {
  blockLength,
  blockSize,
  type DigestAlgorithm,
  digestOf,
  digestSize,
  type HashAlgorithm,
  rootDigest,
  startHash,
} from '../../../protocol/block.ts';
import {Due} from '../../../protocol/due.ts';
import {systemErrorCode} from '../../../protocol/errors.ts';
import {readFully} from '../../../protocol/read-fully.ts';
import {mtimeMsOf, stateOf} from '../terms/file-state.ts';

export type CheckJob =
  /** Digests of blocks `first` up to but not including `end` of a file of `size` bytes. */
  | {
      kind: 'digests';
      fd: number;
      size: number;
      first: number;
      end: number;
      algorithm: DigestAlgorithm;
    }
  /** Hashes of whole files of at most one block each. The thread opens them. */
  | {
      kind: 'small files';
      /** Paths for system calls. */
      files: ReadonlyArray<string | Uint8Array>;
      /** Whether to follow a link at such a path. */
      follow: boolean;
      algorithm: DigestAlgorithm;
      /** Whether to compute the SHA-256 too. */
      checksums: boolean;
    }
  /** The hash of the first `length` bytes. */
  | {kind: 'hash'; fd: number; length: number; algorithm: HashAlgorithm};

/**
 * The result for a small file. `large`: it has more than one block. `changed`: it was written to meanwhile. `failed`:
 * it could not be read; `code` is the system's, undefined if it is not a regular file.
 */
export type SmallFileHashes =
  | HashedFile
  | {kind: 'large'; size: number}
  | {kind: 'changed'}
  | {kind: 'failed'; code: string | undefined};

export type HashedFile = {
  kind: 'hashed';
  /** In hex. */
  root: string;
  sha256: string | undefined;
  /** `size` in bytes, `mtimeMs` in milliseconds since 1970. */
  size: number;
  mtimeMs: number;
  /** See `stateOf`. */
  state: string;
};

export type CheckAnswer =
  | {kind: 'progress'; bytes: number}
  /** Digests one after the other; fewer than requested if the file ended earlier. */
  | {kind: 'digests'; digests: Uint8Array}
  /** In the order of the files. */
  | {kind: 'small files'; hashes: SmallFileHashes[]}
  | {kind: 'hash'; digest: string; length: number}
  | {kind: 'failed'; code: string};

const buffer = Buffer.allocUnsafeSlow(blockSize);
const progressEveryMs = 100;

/** O_NONBLOCK: do not wait if a FIFO has replaced the file. */
const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const noFollow = constants.O_NOFOLLOW ?? 0;

parentPort?.on('message', (job: CheckJob) => {
  try {
    answer(work(job));
  } catch (error) {
    answer({kind: 'failed', code: codeOf(error)});
  }
});

function work(job: CheckJob): CheckAnswer {
  switch (job.kind) {
    case 'digests':
      return digests(job);
    case 'small files':
      return {kind: 'small files', hashes: job.files.map(file => hashSmall(file, job))};
    case 'hash':
      return hashFront(job);
  }
}

function answer(message: CheckAnswer): void {
  parentPort?.postMessage(message);
}

function digests(job: Extract<CheckJob, {kind: 'digests'}>): CheckAnswer {
  const all = Buffer.alloc((job.end - job.first) * digestSize);
  for (let index = job.first; index < job.end; index++) {
    const length = blockLength(job.size, index);
    if (readFully(job.fd, buffer, length, index * blockSize) < length) {
      return {kind: 'digests', digests: all.subarray(0, (index - job.first) * digestSize)};
    }

    all.set(digestOf(job.algorithm, buffer.subarray(0, length)), (index - job.first) * digestSize);
  }

  return {kind: 'digests', digests: all};
}

/**
 * Opened on this thread: opening all files on the requesting thread would take as long as the whole work takes here.
 */
function hashSmall(
  file: string | Uint8Array,
  job: Extract<CheckJob, {kind: 'small files'}>,
): SmallFileHashes {
  try {
    const path = typeof file === 'string' ? file : Buffer.from(file);
    const fd = openSync(path, job.follow ? readFlags : readFlags | noFollow);
    try {
      return hashOpened(fd, job);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return {kind: 'failed', code: codeOf(error)};
  }
}

function hashOpened(
  fd: number,
  {algorithm, checksums}: Extract<CheckJob, {kind: 'small files'}>,
): SmallFileHashes {
  const before = fstatSync(fd, {bigint: true});
  const size = Number(before.size);
  if (!before.isFile()) {
    return {kind: 'failed', code: undefined};
  }

  if (size > blockSize) {
    return {kind: 'large', size};
  }

  const bytes = buffer.subarray(0, readFully(fd, buffer, size, 0));
  const state = stateOf(before);
  if (stateOf(fstatSync(fd, {bigint: true})) !== state) {
    return {kind: 'changed'};
  }

  const digest = size === 0 ? bytes : digestOf(algorithm, bytes);
  const root = rootDigest(algorithm, digest).toString('hex');
  const sha256 = checksums ? hash('sha256', bytes, 'hex') : undefined;
  return {kind: 'hashed', root, sha256, size, mtimeMs: mtimeMsOf(before), state};
}

function hashFront(job: Extract<CheckJob, {kind: 'hash'}>): CheckAnswer {
  const front = startHash(job.algorithm);
  const due = new Due(progressEveryMs);
  let done = 0;
  while (done < job.length) {
    const count = readFully(job.fd, buffer, Math.min(blockSize, job.length - done), done);
    if (count === 0) {
      break;
    }

    front.update(buffer.subarray(0, count));
    done += count;
    if (due.passed()) {
      answer({kind: 'progress', bytes: done});
    }
  }

  return {kind: 'hash', digest: front.digest('hex'), length: done};
}

function codeOf(error: unknown): string {
  return systemErrorCode(error) ?? 'EIO';
}
