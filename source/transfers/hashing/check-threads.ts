/** The threads that hash: as many as there are cores, each started when it is first needed. */
import {availableParallelism} from 'node:os';
import type {Worker} from 'node:worker_threads';
import {aborted, JangadaError, throwIfAborted} from '../../../protocol/errors.ts';
import {localError} from '../terms/local-error.ts';
import type {CheckAnswer, CheckJob} from './check-worker.ts';
import {startThread} from './start-thread.ts';

export type JobOptions = {
  /** Aborting it ends the job with `aborted`, and also the thread, which receives no messages while it hashes. */
  signal?: AbortSignal | undefined;
  /** Called with the number of bytes hashed so far; only for a job of kind `hash`. */
  onProgress?: ((bytes: number) => void) | undefined;
};

type LastAnswer = Exclude<CheckAnswer, {kind: 'progress' | 'failed'}>;

export class CheckThreads {
  /** Most jobs at once. */
  readonly count: number;
  readonly #idle: Worker[] = [];
  readonly #waiting: PromiseWithResolvers<Worker>[] = [];
  #room: number;

  readonly #start: () => Worker;

  /** @param start starts a thread; it throws if the system has no room for one. */
  constructor(count = availableParallelism(), start = () => startThread('check-worker')) {
    this.count = count;
    this.#room = count;
    this.#start = start;
  }

  /**
   * Run `job` on a thread, as soon as one is free. When this settles, the descriptors of the job are no longer used.
   *
   * @param path path of the file, for errors.
   * @throws JangadaError `aborted`, `local_io`.
   */
  async run<Kind extends LastAnswer['kind']>(
    job: Extract<CheckJob, {kind: Kind}>,
    path: string,
    options: JobOptions = {},
  ): Promise<Extract<LastAnswer, {kind: Kind}>> {
    throwIfAborted(options.signal);
    const worker = await this.#take();
    const state = {alive: true};
    try {
      // The job may have waited long for its thread.
      throwIfAborted(options.signal);
      const answer = await ask(worker, job, path, options, state);
      if (answer.kind !== job.kind) {
        throw new JangadaError('internal', 'A thread sent an answer of another kind');
      }

      // TypeScript cannot see that the answer has the kind of the job.
      return answer as Extract<LastAnswer, {kind: Kind}>;
    } finally {
      this.#giveBack(state.alive ? worker : undefined);
    }
  }

  async #take(): Promise<Worker> {
    const worker = this.#idle.pop();
    if (worker !== undefined) {
      worker.ref();
      return worker;
    }

    if (this.#room > 0) {
      const started = this.#start();
      this.#room--;
      return started;
    }

    const waiting = Promise.withResolvers<Worker>();
    this.#waiting.push(waiting);
    return await waiting.promise;
  }

  /** Start a thread for a waiting job. If the system refuses it, and no other thread can come, the next job gets its attempt. */
  #startFor(waiting: PromiseWithResolvers<Worker>): void {
    this.#take().then(waiting.resolve, error => {
      waiting.reject(error);
      const next = this.#room === this.count ? this.#waiting.shift() : undefined;
      if (next !== undefined) {
        this.#startFor(next);
      }
    });
  }

  #giveBack(worker: Worker | undefined): void {
    const next = this.#waiting.shift();
    if (next !== undefined && worker !== undefined) {
      next.resolve(worker);
    } else if (next !== undefined) {
      this.#room++;
      this.#startFor(next);
    } else if (worker === undefined) {
      this.#room++;
    } else {
      // An idle thread does not keep the process alive.
      worker.unref();
      this.#idle.push(worker);
    }
  }
}

/** @param state tells, when this settles, whether the thread can do another job. */
function ask(
  worker: Worker,
  job: CheckJob,
  path: string,
  {signal, onProgress}: JobOptions,
  state: {alive: boolean},
): Promise<LastAnswer> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      // Even if the answer is on its way: the thread cannot be used again.
      state.alive = false;
      void worker.terminate();
    };
    const settle = (act: () => void) => {
      signal?.removeEventListener('abort', onAbort);
      worker.off('message', onMessage);
      worker.off('error', onEnd);
      worker.off('exit', onExit);
      act();
    };
    const onMessage = (answer: CheckAnswer) => {
      if (answer.kind === 'progress') {
        onProgress?.(answer.bytes);
      } else if (answer.kind === 'failed') {
        settle(() => reject(readError(answer.code, path)));
      } else {
        settle(() => resolve(answer));
      }
    };
    const onEnd = (cause?: unknown) => {
      state.alive = false;
      const error = signal?.aborted
        ? aborted()
        : new JangadaError('internal', 'A thread that hashes has ended', {cause});
      settle(() => reject(error));
    };
    const onExit = () => onEnd();
    signal?.addEventListener('abort', onAbort, {once: true});
    worker.on('message', onMessage);
    worker.on('error', onEnd);
    worker.on('exit', onExit);
    worker.postMessage(job);
  });
}

/** The error of a thread that could not read `path`, made from the system's error code. */
export function readError(code: string, path: string): JangadaError {
  return localError(Object.assign(new Error(code), {code}), path);
}
