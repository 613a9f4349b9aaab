/** A thread that hashes open files, one job after the other, so that sockets and keys do not wait. */
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
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
  /** Hashes of whole files of at most one block each. */
  | {
      kind: 'small files';
      files: ReadonlyArray<{fd: number; size: number}>;
      algorithm: DigestAlgorithm;
      /** Whether to compute the SHA-256 too. */
      checksums: boolean;
    }
  /** The hash of the first `length` bytes. */
  | {kind: 'hash'; fd: number; length: number; algorithm: HashAlgorithm};

/** Of a small file, in hex; or the system's code of the error that kept it from being read. */
type SmallFileHashes = {root: string; sha256: string | undefined} | {code: string};

export type CheckAnswer =
  | {kind: 'progress'; bytes: number}
  /** Digests one after the other; fewer than asked for if the file ended before. */
  | {kind: 'digests'; digests: Uint8Array}
  /** In the order of the files. */
  | {kind: 'small files'; hashes: SmallFileHashes[]}
  | {kind: 'hash'; digest: string; length: number}
  | {kind: 'failed'; code: string};

const buffer = Buffer.allocUnsafeSlow(blockSize);
const progressEveryMs = 100;

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

function hashSmall(
  {fd, size}: {fd: number; size: number},
  {algorithm, checksums}: {algorithm: DigestAlgorithm; checksums: boolean},
): SmallFileHashes {
  try {
    const bytes = buffer.subarray(0, readFully(fd, buffer, size, 0));
    const digest = size === 0 ? bytes : digestOf(algorithm, bytes);
    return {
      root: rootDigest(algorithm, digest).toString('hex'),
      sha256: checksums ? hash('sha256', bytes, 'hex') : undefined,
    };
  } catch (error) {
    return {code: codeOf(error)};
  }
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
