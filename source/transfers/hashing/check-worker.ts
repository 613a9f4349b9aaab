/** A thread that hashes files, so that this does not hold up sockets and keys. */
import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {readSync} from 'node:fs';
import {parentPort} from 'node:worker_threads';
import {
  blockLength,
  blockSize,
  type DigestAlgorithm,
  digestOf,
  digestSize,
  type HashAlgorithm,
} from '../../../protocol/block.ts';

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
  /** The hash of the first `length` bytes. */
  | {kind: 'hash'; fd: number; length: number; algorithm: HashAlgorithm};

export type CheckAnswer =
  | {kind: 'progress'; bytes: number}
  /** Digests one after the other; fewer than asked for if the file ended before. */
  | {kind: 'digests'; digests: Uint8Array}
  | {kind: 'hash'; digest: string; length: number}
  | {kind: 'failed'; code: string};

const buffer = Buffer.allocUnsafeSlow(blockSize);
const progressEveryMs = 100;

parentPort?.on('message', (job: CheckJob) => {
  try {
    answer(work(job));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
    answer({kind: 'failed', code});
  }
});

function work(job: CheckJob): CheckAnswer {
  switch (job.kind) {
    case 'digests':
      return digests(job);
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
    if (readFully(job.fd, length, index * blockSize) < length) {
      return {kind: 'digests', digests: all.subarray(0, (index - job.first) * digestSize)};
    }

    all.set(digestOf(job.algorithm, buffer.subarray(0, length)), (index - job.first) * digestSize);
  }

  return {kind: 'digests', digests: all};
}

function hashFront(job: Extract<CheckJob, {kind: 'hash'}>): CheckAnswer {
  const hash = createHash(job.algorithm);
  let done = 0;
  let saidAtMs = performance.now();
  while (done < job.length) {
    const count = readFully(job.fd, Math.min(blockSize, job.length - done), done);
    if (count === 0) {
      break;
    }

    hash.update(buffer.subarray(0, count));
    done += count;
    if (performance.now() - saidAtMs > progressEveryMs) {
      saidAtMs = performance.now();
      answer({kind: 'progress', bytes: done});
    }
  }

  return {kind: 'hash', digest: hash.digest('hex'), length: done};
}

/** Fill the front of the buffer. @returns bytes read: fewer than `length` only at the end. */
function readFully(fd: number, length: number, offset: number): number {
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, buffer, filled, length - filled, offset + filled);
    if (count === 0) {
      break;
    }

    filled += count;
  }

  return filled;
}
