/**
 * Computes the SHA-256 of whole files while they arrive. Blocks arrive over several connections and out of order, but
 * SHA-256 needs them in order. One thread follows all files: it reads the verified front of each file back while the
 * system still has it in memory, so that only the tail is left at the end.
 *
 *     blocks ─► partial ─► plan: bytes from the front ─ reach ─► thread: read, hash ─► digest
 *
 * The thread reads by descriptor: do not close a descriptor before the result of `follow` has been disposed of.
 */
import type {Worker} from 'node:worker_threads';
import {displayName} from '../../../protocol/display-text.ts';
import {aborted, JangadaError} from '../../../protocol/errors.ts';
import {readError} from './check-threads.ts';
import type {ChecksumAnswer, ChecksumJob} from './checksum-worker.ts';
import {startThread} from './start-thread.ts';

/** A file that the thread follows. Dispose of it before the descriptor is closed. */
export type FollowedFile = AsyncDisposable & {
  /** Number of bytes hashed so far. */
  readonly hashedBytes: number;
  /** The first `bytes` are on disk and will not change. */
  reach(bytes: number): void;
  /**
   * The SHA-256 of the whole file of `bytes` bytes, in hex.
   *
   * @param options.onProgress called with the number of bytes hashed so far.
   * @throws JangadaError `aborted`, `local_io`; `changed` if the file has become shorter.
   */
  digest(
    bytes: number,
    options: {signal: AbortSignal; onProgress?: (bytes: number) => void},
  ): Promise<string>;
};

type Followed = {
  path: string;
  /** Whether the file was announced to the thread, or must not be any more. */
  known: boolean;
  reachedBytes: number;
  hashedBytes: number;
  onProgress: ((bytes: number) => void) | undefined;
  digest: PromiseWithResolvers<string>;
  /** Resolves when the thread no longer uses the descriptor. */
  left: PromiseWithResolvers<void>;
};

export class Checksums {
  readonly #followed = new Map<number, Followed>();
  #thread: Worker | undefined;
  #nextId = 1;
  readonly #startThread: () => Worker;

  /** @param start starts the thread; it throws if the system has no room for one. */
  constructor(start = () => startThread('checksum-worker')) {
    this.#startThread = start;
  }

  /** Follow an open file from its beginning. The thread is started when there are bytes to hash. */
  follow({fd, path}: {readonly fd: number; readonly path: string}): FollowedFile {
    const id = this.#nextId++;
    const file: Followed = {
      path,
      known: false,
      reachedBytes: 0,
      hashedBytes: 0,
      onProgress: undefined,
      digest: Promise.withResolvers(),
      left: Promise.withResolvers(),
    };
    // A caller that never asks for the digest need not handle its failure.
    file.digest.promise.catch(() => undefined);
    const reach = (bytes: number, last: boolean) => {
      file.reachedBytes = bytes;
      this.#post(id, file, {kind: 'reach', id, fd, bytes, last});
    };
    return {
      get hashedBytes() {
        return file.hashedBytes;
      },
      reach(bytes) {
        if (bytes > file.reachedBytes) {
          reach(bytes, false);
        }
      },
      async digest(bytes, {signal, onProgress}) {
        file.onProgress = onProgress;
        reach(bytes, true);
        return await unlessAborted(file.digest.promise, signal);
      },
      [Symbol.asyncDispose]: async () => {
        if (this.#followed.has(id)) {
          this.#post(id, file, {kind: 'leave', id});
          await file.left.promise;
        }

        // Ignore `reach` from now on.
        file.known = true;
      },
    };
  }

  #post(id: number, file: Followed, job: ChecksumJob): void {
    if (!file.known) {
      file.known = true;
      try {
        this.#thread ??= this.#start();
      } catch (cause) {
        file.digest.reject(new JangadaError('internal', 'No thread can be started', {cause}));
        return;
      }

      this.#followed.set(id, file);
      // The thread keeps the process alive only while it follows a file.
      this.#thread.ref();
    }

    // If the thread has ended, another one cannot continue this file.
    if (this.#followed.has(id)) {
      this.#thread?.postMessage(job);
    }
  }

  #start(): Worker {
    const thread = this.#startThread();
    thread.on('message', (answer: ChecksumAnswer) => this.#hear(answer));
    thread.on('error', cause => this.#ended(thread, cause));
    thread.on('exit', () => this.#ended(thread, undefined));
    return thread;
  }

  #hear(answer: ChecksumAnswer): void {
    const file = this.#followed.get(answer.id);
    if (file === undefined) {
      return;
    }

    switch (answer.kind) {
      case 'hashed':
        file.hashedBytes = answer.bytes;
        file.onProgress?.(answer.bytes);
        return;
      case 'failed':
        file.digest.reject(failure(answer.code, file.path));
        return;
      case 'done':
        file.digest.resolve(answer.sha256);
        this.#forget(answer.id, file);
        return;
      case 'left':
        this.#forget(answer.id, file);
    }
  }

  #ended(thread: Worker, cause: unknown): void {
    if (this.#thread !== thread) {
      return;
    }

    this.#thread = undefined;
    for (const [id, file] of this.#followed) {
      file.digest.reject(new JangadaError('internal', 'The thread that hashes has ended', {cause}));
      this.#forget(id, file);
    }
  }

  #forget(id: number, file: Followed): void {
    file.left.resolve();
    this.#followed.delete(id);
    if (this.#followed.size === 0) {
      this.#thread?.unref();
    }
  }
}

/** The checksums of this process: all files share one thread. */
export const checksums = new Checksums();

function failure(code: string, path: string): JangadaError {
  return code === 'short'
    ? new JangadaError('changed', `${displayName(path)} became shorter while it was hashed`)
    : readError(code, path);
}

async function unlessAborted(digest: Promise<string>, signal: AbortSignal): Promise<string> {
  const stopped = Promise.withResolvers<never>();
  const onAbort = () => stopped.reject(aborted());
  signal.addEventListener('abort', onAbort, {once: true});
  if (signal.aborted) {
    onAbort();
  }

  try {
    return await Promise.race([digest, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
