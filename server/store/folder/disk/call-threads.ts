/**
 * Threads that make calls while the disk is slow. Each makes one call at a time, so a call that
 * hangs holds up its own thread alone; when all are busy, another one is started, up to a limit.
 */
import {Worker} from 'node:worker_threads';
import {aborted, JangadaError} from '../../../../protocol/errors.ts';
import {endThreads} from '../../../waiting/end-threads.ts';
import {hasRoomForThread, refuseThread} from '../../../waiting/open-files.ts';
import type {RootHandle} from '../root/root.ts';
import type {CallMessage, CallReply} from './call-messages.ts';
import type {CallArguments, CallName, CallResult} from './folder-calls.ts';

/** Calls that may hang at once before further ones wait. */
const mostThreads = 16;

/** A thread that had nothing to do for so long is ended. */
const idleMs = 30_000;

/** It holds one block and little else. */
const resourceLimits = {maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64};

const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './call-worker.ts' : './call-worker.js',
  import.meta.url,
);

type Job = {message: CallMessage; reply: PromiseWithResolvers<CallReply>};

type Thread = {worker: Worker; job: Job | undefined; idle: NodeJS.Timeout | undefined};

export class CallThreads {
  readonly #root: RootHandle;
  readonly #threads = new Set<Thread>();
  /** The one that was busy last is used next, so that those that are not needed end. */
  readonly #idle: Thread[] = [];
  readonly #waiting: Job[] = [];
  #closed = false;

  constructor(root: RootHandle) {
    this.#root = root;
  }

  /**
   * Make a call in a thread.
   *
   * @throws JangadaError as the call does; `aborted` when the server stops; `busy` or `too_large` if there
   * can be no thread; `internal`.
   */
  async run<Name extends CallName>(
    name: Name,
    args: CallArguments<Name>,
  ): Promise<CallResult<Name>> {
    if (this.#closed) {
      throw aborted('The server is stopping');
    }

    if (this.#threads.size === 0) {
      refuseThread();
    }

    const reply = Promise.withResolvers<CallReply>();
    // A name with its arguments is one of the messages, which the types cannot follow.
    this.#waiting.push({message: {name, args} as CallMessage, reply});
    this.#startNext();
    const answer = await reply.promise;
    if (answer.kind === 'error') {
      const cause = new Error(answer.cause);
      throw new JangadaError(answer.code, answer.message, {cause});
    }

    // A thread replies with the result of the call that it was given.
    return answer.result as CallResult<Name>;
  }

  /** End the threads, and with them all calls; one that hangs is waited for two seconds at most. */
  async close(): Promise<void> {
    this.#closed = true;
    await endThreads([...this.#threads].map(({worker}) => worker));
  }

  #startNext(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#idle.pop() ?? this.#start();
      const job = thread && this.#waiting.shift();
      if (thread === undefined || job === undefined) {
        return;
      }

      clearTimeout(thread.idle);
      thread.job = job;
      thread.worker.ref();
      thread.worker.postMessage(job.message);
    }
  }

  #start(): Thread | undefined {
    if (this.#threads.size === mostThreads || this.#closed) {
      return undefined;
    }

    if (this.#threads.size > 0 && !hasRoomForThread()) {
      return undefined;
    }

    const worker = new Worker(workerFile, {
      workerData: this.#root,
      resourceLimits,
      // Files that it opens stay open for others, and others may close them.
      trackUnmanagedFds: false,
    });
    const thread: Thread = {worker, job: undefined, idle: undefined};
    this.#threads.add(thread);
    worker.on('message', (reply: CallReply) => {
      thread.job?.reply.resolve(reply);
      this.#rest(thread);
      this.#startNext();
    });
    worker.on('error', error => this.#lose(thread, error.message));
    worker.on('exit', () => this.#lose(thread, 'The thread has ended'));
    return thread;
  }

  #rest(thread: Thread): void {
    thread.job = undefined;
    thread.worker.unref();
    thread.idle = setTimeout(() => {
      // First: a call that comes before the thread has ended needs another one.
      this.#forget(thread);
      void thread.worker.terminate();
    }, idleMs).unref();
    this.#idle.push(thread);
  }

  #lose(thread: Thread, reason: string): void {
    this.#forget(thread);
    const error = this.#closed
      ? aborted('The server is stopping')
      : new JangadaError('internal', 'The server could not read the file', {
          cause: new Error(reason),
        });
    thread.job?.reply.reject(error);
    thread.job = undefined;
    this.#startNext();
  }

  /** Give no further call to the thread. */
  #forget(thread: Thread): void {
    clearTimeout(thread.idle);
    this.#threads.delete(thread);
    const at = this.#idle.indexOf(thread);
    if (at !== -1) {
      this.#idle.splice(at, 1);
    }
  }
}
