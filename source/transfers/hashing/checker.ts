/**
 * What waits for disks and processors, on other threads: hashing on as many as there are cores, started
 * when first needed, flushing on Node's own.
 */
import {Buffer} from 'node:buffer';
import {closeSync, fsync} from 'node:fs';
import {availableParallelism} from 'node:os';
import type {Worker} from 'node:worker_threads';
import {
  blockCount,
  blockSize,
  type DigestAlgorithm,
  digestSize,
  type HashAlgorithm,
} from '../../../protocol/block.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {cannotFlush} from '../disk/cannot-flush.ts';
import type {OpenFolder} from '../disk/target-folder.ts';
import {localError} from '../terms/local-error.ts';
import type {CheckAnswer, CheckJob} from './check-worker.ts';
import {startThread} from './start-thread.ts';

/** Blocks that a thread hashes at a go: how soon a stop is heard, and how fine progress is. */
const blocksPerJob = 16;

/**
 * Files that are given to Node's own threads at once: enough that these need not be woken for each
 * file, and so few that what others read and write does not wait long behind them.
 */
const flushesAtOnce = 32;

export class Checker {
  readonly #idle: Worker[] = [];
  readonly #waiting: Array<(worker: Worker) => void> = [];
  readonly #toFlush: Array<{fd: number; done(error: unknown): void}> = [];
  #flushing = 0;
  #room: number;

  constructor(threads = availableParallelism()) {
    this.#room = threads;
  }

  /**
   * Digests of all blocks of the first `size` bytes of an open file, one after the other. Where the
   * file ends before `size`, the digests end too.
   *
   * @param onProgress is told bytes hashed so far.
   * @throws JangadaError `aborted`, `local_io`.
   */
  async digests(
    file: {fd: number; path: string; size: number},
    algorithm: DigestAlgorithm,
    options: {signal?: AbortSignal | undefined; onProgress?: (bytes: number) => void} = {},
  ): Promise<Buffer> {
    const count = blockCount(file.size);
    const parts: Buffer[] = [];
    let doneBytes = 0;
    let next = 0;
    let ended = false;
    const run = async () => {
      while (next < count && !ended) {
        throwIfAborted(options.signal);
        const first = next;
        const end = Math.min(count, first + blocksPerJob);
        next = end;
        const digests = await this.#digestsOf({...file, first, end, algorithm});
        parts[first / blocksPerJob] = digests;
        ended ||= digests.length < (end - first) * digestSize;
        doneBytes += Math.min(file.size, end * blockSize) - first * blockSize;
        options.onProgress?.(doneBytes);
      }
    };
    const runners = Math.min(availableParallelism(), Math.ceil(count / blocksPerJob));
    // Every runner has to be over before the caller closes the file.
    const results = await Promise.allSettled(Array.from({length: runners}, run));
    for (const result of results) {
      if (result.status === 'rejected') {
        throw result.reason;
      }
    }

    return joinUntilShort(parts);
  }

  /**
   * The hash of the first `length` bytes of an open file (of all, if there are fewer), in hex.
   *
   * @throws JangadaError `aborted`, `local_io`.
   */
  async hash(
    file: {fd: number; path: string; length: number},
    algorithm: HashAlgorithm,
    options: {signal?: AbortSignal | undefined; onProgress?: (bytes: number) => void} = {},
  ): Promise<{digest: string; length: number}> {
    const answer = await this.#run(
      {kind: 'hash', fd: file.fd, length: file.length, algorithm},
      file.path,
      options,
    );
    if (answer.kind !== 'hash') {
      throw new JangadaError('internal', 'A hash was asked for and something else came');
    }

    return answer;
  }

  /**
   * Flush open files to disk; when this settles, none of them is used any more. It happens on Node's
   * own threads: to start one of ours takes longer than a thousand of these.
   *
   * @throws JangadaError `local_io`, `no_space`.
   */
  async flush(fds: readonly number[]): Promise<void> {
    if (fds.length === 0) {
      return;
    }

    await new Promise<void>((resolve, reject) => {
      let left = fds.length;
      let failure: {error: unknown} | undefined;
      const done = (error: unknown) => {
        if (error !== null && !cannotFlush(error)) {
          failure ??= {error};
        }

        if (--left > 0) {
          return;
        }

        if (failure === undefined) {
          resolve();
        } else {
          reject(localError(failure.error, 'flushing'));
        }
      };
      for (const fd of fds) {
        this.#toFlush.push({fd, done});
      }

      this.#flushMore();
    });
  }

  /**
   * Flush the names in folders to disk.
   *
   * @throws JangadaError `local_io`.
   */
  async flushFolders(folders: Iterable<OpenFolder>): Promise<void> {
    const fds: number[] = [];
    try {
      for (const folder of folders) {
        const fd = folder.openToFlush();
        if (fd !== undefined) {
          fds.push(fd);
        }
      }

      await this.flush(fds);
    } finally {
      for (const fd of fds) {
        closeSync(fd);
      }
    }
  }

  #flushMore(): void {
    while (this.#flushing < flushesAtOnce) {
      const job = this.#toFlush.shift();
      if (job === undefined) {
        return;
      }

      this.#flushing++;
      fsync(job.fd, error => {
        this.#flushing--;
        this.#flushMore();
        job.done(error);
      });
    }
  }

  async #digestsOf(
    job: Omit<Extract<CheckJob, {kind: 'digests'}>, 'kind'> & {path: string},
  ): Promise<Buffer> {
    const {path, ...rest} = job;
    const answer = await this.#run({kind: 'digests', ...rest}, path, {});
    if (answer.kind !== 'digests') {
      throw new JangadaError('internal', 'Digests were asked for and something else came');
    }

    return Buffer.from(answer.digests);
  }

  async #run(
    job: CheckJob,
    path: string,
    options: {signal?: AbortSignal | undefined; onProgress?: (bytes: number) => void},
  ): Promise<CheckAnswer> {
    throwIfAborted(options.signal);
    const worker = await this.#take();
    let alive = true;
    try {
      // It may have waited long for its thread.
      throwIfAborted(options.signal);
      return await new Promise<CheckAnswer>((resolve, reject) => {
        const onAbort = () => {
          // It hears nothing while it hashes. Even if its answer is on its way: it is no thread to keep.
          alive = false;
          void worker.terminate();
        };
        const settle = (act: () => void) => {
          options.signal?.removeEventListener('abort', onAbort);
          worker.off('message', onMessage);
          worker.off('error', onEnd);
          worker.off('exit', onExit);
          act();
        };
        options.signal?.addEventListener('abort', onAbort, {once: true});
        const onMessage = (answer: CheckAnswer) => {
          if (answer.kind === 'progress') {
            options.onProgress?.(answer.bytes);
          } else if (answer.kind === 'failed') {
            const cause = Object.assign(new Error(answer.code), {code: answer.code});
            settle(() => reject(localError(cause, path)));
          } else {
            settle(() => resolve(answer));
          }
        };
        const onEnd = (cause?: unknown) => {
          alive = false;
          const error = options.signal?.aborted
            ? abortedError()
            : new JangadaError('internal', 'A thread that hashes has ended', {cause});
          settle(() => reject(error));
        };
        const onExit = () => onEnd();
        worker.on('message', onMessage);
        worker.on('error', onEnd);
        worker.on('exit', onExit);
        worker.postMessage(job);
      });
    } finally {
      this.#giveBack(alive ? worker : undefined);
    }
  }

  async #take(): Promise<Worker> {
    const worker = this.#idle.pop();
    if (worker !== undefined) {
      worker.ref();
      return worker;
    }

    if (this.#room > 0) {
      this.#room--;
      return startThread('check-worker');
    }

    return await new Promise(resolve => this.#waiting.push(resolve));
  }

  #giveBack(worker: Worker | undefined): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next(worker ?? startThread('check-worker'));
    } else if (worker === undefined) {
      this.#room++;
    } else {
      // An idle thread keeps no process alive.
      worker.unref();
      this.#idle.push(worker);
    }
  }
}

/** The one of this process: cores are shared by all that it does. Idle threads keep nothing alive. */
export const checker = new Checker();

function joinUntilShort(parts: readonly Buffer[]): Buffer {
  const full = blocksPerJob * digestSize;
  const short = parts.findIndex(part => part.length < full);
  return Buffer.concat(short === -1 ? parts : parts.slice(0, short + 1));
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw abortedError();
  }
}

function abortedError(): JangadaError {
  return new JangadaError('aborted', 'Stopped on request');
}
