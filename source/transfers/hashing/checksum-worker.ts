/**
 * A thread that computes the SHA-256 of files while they arrive. It hashes the front of each file, as far as it is on
 * disk without a gap: a piece of each file in turn. In between it reads messages, so that files do not delay each other
 * and a descriptor is released within milliseconds.
 */
import {Buffer} from 'node:buffer';
import {createHash, type Hash} from 'node:crypto';
import {readSync} from 'node:fs';
import {parentPort} from 'node:worker_threads';
import {blockSize} from '../../../protocol/block.ts';
import {systemErrorCode} from '../../../protocol/errors.ts';

export type ChecksumJob =
  /** The first `bytes` of file `id`, open as `fd`, can be hashed. `last`: these are all bytes of the file. */
  | {kind: 'reach'; id: number; fd: number; bytes: number; last: boolean}
  /** Stop using the descriptor of file `id`. */
  | {kind: 'leave'; id: number};

export type ChecksumAnswer =
  /** `bytes` are hashed so far. */
  | {kind: 'hashed'; id: number; bytes: number}
  /** The whole file is hashed, and its descriptor is no longer used. */
  | {kind: 'done'; id: number; sha256: string}
  /** The file is no longer read. `code` is a code of the system, or `short`: the file ended too early. */
  | {kind: 'failed'; id: number; code: string}
  | {kind: 'left'; id: number};

type File = {
  fd: number;
  hash: Hash;
  hashedBytes: number;
  reachedBytes: number;
  last: boolean;
  failed: boolean;
};

const bytesPerTurn = 8 * blockSize;

const buffer = Buffer.allocUnsafeSlow(blockSize);
const files = new Map<number, File>();
let isDue = false;

parentPort?.on('message', (job: ChecksumJob) => {
  if (job.kind === 'leave') {
    files.delete(job.id);
    answer({kind: 'left', id: job.id});
    return;
  }

  const {id, fd, bytes, last} = job;
  const file = files.get(id) ?? newFile(fd);
  files.set(id, Object.assign(file, {reachedBytes: bytes, last}));
  workSoon();
});

function newFile(fd: number): File {
  const hash = createHash('sha256');
  return {fd, hash, hashedBytes: 0, reachedBytes: 0, last: false, failed: false};
}

/** Messages that wait are handled first. */
function workSoon(): void {
  if (!isDue) {
    isDue = true;
    setImmediate(work);
  }
}

function work(): void {
  isDue = false;
  for (const [id, file] of files) {
    if (!file.failed && (hasMore(file) || file.last)) {
      hashSome(id, file);
    }
  }

  if ([...files.values()].some(file => !file.failed && hasMore(file))) {
    workSoon();
  }
}

function hasMore({hashedBytes, reachedBytes}: File): boolean {
  return hashedBytes < reachedBytes;
}

function hashSome(id: number, file: File): void {
  try {
    const end = Math.min(file.reachedBytes, file.hashedBytes + bytesPerTurn);
    while (file.hashedBytes < end) {
      const length = Math.min(blockSize, end - file.hashedBytes);
      const count = readSync(file.fd, buffer, 0, length, file.hashedBytes);
      if (count === 0) {
        throw Object.assign(new Error('The file is too short'), {code: 'short'});
      }

      file.hash.update(buffer.subarray(0, count));
      file.hashedBytes += count;
    }

    answer({kind: 'hashed', id, bytes: file.hashedBytes});
    if (file.last && !hasMore(file)) {
      files.delete(id);
      answer({kind: 'done', id, sha256: file.hash.digest('hex')});
    }
  } catch (error) {
    // The file stays registered until `leave`, because a later `reach` must not begin it again.
    file.failed = true;
    const code = systemErrorCode(error) ?? 'EIO';
    answer({kind: 'failed', id, code});
  }
}

function answer(message: ChecksumAnswer): void {
  parentPort?.postMessage(message);
}
