/** Hashes open files on threads: several files at once, and a large file on several threads. */
import {Buffer} from 'node:buffer';
import {
  blockCount,
  blockSize,
  type DigestAlgorithm,
  digestSize,
  type HashAlgorithm,
} from '../../../protocol/block.ts';
import {throwIfAborted} from '../../../protocol/errors.ts';
import {CheckThreads, type JobOptions} from './check-threads.ts';
import type {SmallFileHashes} from './check-worker.ts';

export {readError} from './check-threads.ts';
export type {HashedFile, SmallFileHashes} from './check-worker.ts';

/** Blocks in one job of a thread. Determines how soon a stop takes effect, and how fine progress is. */
const blocksPerJob = 16;

/** An open file, its path for errors, and the number of bytes to hash. */
export type FileToHash = {fd: number; path: string; size: number};

export type SmallHashOptions = {
  algorithm: DigestAlgorithm;
  /** Whether to compute the SHA-256 too. */
  checksums: boolean;
  /** Whether to follow links at the ends of paths. */
  follow: boolean;
};

type HashOptions = Pick<JobOptions, 'signal' | 'onProgress'>;

type DigestOptions = HashOptions & {
  /** Called with digests as they are computed, in any order: 32 bytes for each block from `first` on. */
  onDigests?: ((first: number, digests: Uint8Array) => void) | undefined;
};

export class Checker {
  readonly #threads: CheckThreads;

  constructor(threads = new CheckThreads()) {
    this.#threads = threads;
  }

  /**
   * Digests of all blocks of the first `size` bytes of a file, one after the other. If the file ends before `size`, so
   * do the digests. When this settles, no thread uses the file any more.
   *
   * @param options.onProgress called with the number of bytes hashed so far.
   * @throws JangadaError `aborted`, `local_io`. After a failure the rest is not hashed.
   */
  async digests(
    {fd, path, size}: FileToHash,
    algorithm: DigestAlgorithm,
    {signal, onProgress, onDigests}: DigestOptions = {},
  ): Promise<Buffer> {
    const count = blockCount(size);
    const parts: Buffer[] = [];
    let doneBytes = 0;
    let next = 0;
    let isOver = false;
    const run = async () => {
      while (next < count && !isOver) {
        throwIfAborted(signal);
        const first = next;
        const end = Math.min(count, first + blocksPerJob);
        next = end;
        const job = {kind: 'digests', fd, size, first, end, algorithm} as const;
        const {digests} = await this.#threads.run(job, path);
        parts[first / blocksPerJob] = Buffer.from(digests);
        isOver ||= digests.length < (end - first) * digestSize;
        doneBytes += Math.min(size, end * blockSize) - first * blockSize;
        onDigests?.(first, digests);
        onProgress?.(doneBytes);
      }
    };
    const stopOthers = (error: unknown) => {
      isOver = true;
      throw error;
    };
    const runners = Math.min(this.#threads.count, Math.ceil(count / blocksPerJob));
    // All runners must end before the caller closes the file.
    const results = await Promise.allSettled(
      Array.from({length: runners}, () => run().catch(stopOthers)),
    );
    for (const result of results) {
      if (result.status === 'rejected') {
        throw result.reason;
      }
    }

    return joinUntilShort(parts);
  }

  /**
   * Root digests of whole small files, with `checksums` also their SHA-256, each with the state of the file that was
   * read.
   *
   * @param files paths for system calls; they must lead to the same files until this settles.
   * @throws JangadaError `internal`.
   */
  async smallFiles(
    files: ReadonlyArray<string | Uint8Array>,
    options: SmallHashOptions,
  ): Promise<SmallFileHashes[]> {
    const {hashes} = await this.#threads.run({kind: 'small files', files, ...options}, '');
    return hashes;
  }

  /**
   * The hash of the first `length` bytes of an open file (of all, if there are fewer), in hex.
   *
   * @param options.onProgress called with the number of bytes hashed so far.
   * @throws JangadaError `aborted`, `local_io`.
   */
  async hash(
    {fd, path, length}: {fd: number; path: string; length: number},
    algorithm: HashAlgorithm,
    options: HashOptions = {},
  ): Promise<{digest: string; length: number}> {
    const answer = await this.#threads.run({kind: 'hash', fd, length, algorithm}, path, options);
    return {digest: answer.digest, length: answer.length};
  }
}

/** The checker of this process, because all its work shares the cores. Idle threads do not keep the process alive. */
export const checker = new Checker();

function joinUntilShort(parts: readonly Buffer[]): Buffer {
  const full = blocksPerJob * digestSize;
  const short = parts.findIndex(part => part.length < full);
  return Buffer.concat(short === -1 ? parts : parts.slice(0, short + 1));
}
