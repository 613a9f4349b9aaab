/**
 * Threads that make calls while the disk is slow. Each makes one call at a time, so a call that
 * hangs holds up its own thread alone; when all are busy, another one is started, up to a limit.
 */
import type {Buffer} from 'node:buffer';
import {Worker} from 'node:worker_threads';
import {blockSize} from '../../../../protocol/block.ts';
import {aborted, JangadaError} from '../../../../protocol/errors.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
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

/** A read waits without memory until a thread is free for it. */
const noMemory = new ArrayBuffer(0);

const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './call-worker.ts' : './call-worker.js',
  import.meta.url,
);

type Job = {
  message: CallMessage;
  reply: PromiseWithResolvers<CallReply>;
  /** Where the bytes of a `read` go, and how many came. */
  into?: Buffer;
  filled?: number;
};

type Thread = {worker: Worker; job: Job | undefined; idle: NodeJS.Timeout | undefined};

export class CallThreads {
  readonly #root: RootHandle;
  readonly #threads = new Set<Thread>();
  /** The one that was busy last is used next, so that those that are not needed end. */
  readonly #idle: Thread[] = [];
  readonly #waiting: Job[] = [];
  /** Memory for one read each. New memory for each read piled up to hundreds of megabytes before it was collected. */
  readonly #spare: ArrayBuffer[] = [];
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
  async run<Name extends Exclude<CallName, 'read'>>(
    name: Name,
    args: CallArguments<Name>,
  ): Promise<CallResult<Name>> {
    // A name with its arguments is one of the messages, which the types cannot follow.
    const message = {name, args} as CallMessage;
    const result = await this.#resultOf({message, reply: Promise.withResolvers()});
    // A thread replies with the result of the call that it was given.
    return result as CallResult<Name>;
  }

  /**
   * Fill `into` from an open file, in a thread. The bytes read: fewer than asked for only at the file's end.
   *
   * @throws JangadaError as `run`.
   */
  async read(
    descriptor: number,
    into: Buffer,
    position: number,
    path: RemotePath,
  ): Promise<number> {
    const args: CallArguments<'read'> = [descriptor, position, into.length, path, noMemory];
    const job: Job = {message: {name: 'read', args}, reply: Promise.withResolvers(), into};
    await this.#resultOf(job);
    return job.filled ?? 0;
  }

  async #resultOf(job: Job): Promise<CallResult<CallName>> {
    if (this.#closed) {
      throw aborted('The server is stopping');
    }

    if (this.#threads.size === 0) {
      refuseThread();
    }

    this.#waiting.push(job);
    this.#startNext();
    const answer = await job.reply.promise;
    if (answer.kind === 'error') {
      const cause = new Error(answer.cause);
      throw new JangadaError(answer.code, answer.message, {cause});
    }

    return answer.result;
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
      this.#post(thread.worker, job);
    }
  }

  /** Give a thread its call, and to a read memory of its own until the reply. */
  #post(worker: Worker, {message, into}: Job): void {
    if (message.name !== 'read' || into === undefined) {
      worker.postMessage(message);
      return;
    }

    const [descriptor, position, length, path] = message.args;
    const fitting = this.#spare.findLastIndex(({byteLength}) => byteLength >= length);
    const [memory = new ArrayBuffer(Math.max(length, blockSize))] =
      fitting === -1 ? [] : this.#spare.splice(fitting, 1);
    const lent: CallMessage = {name: 'read', args: [descriptor, position, length, path, memory]};
    worker.postMessage(lent, [memory]);
  }

  /** Take the bytes of a read out of the memory that came back with them, which another read gets. */
  #take(job: Job, reply: CallReply): void {
    if (job.into === undefined || reply.kind === 'error' || !(reply.result instanceof Uint8Array)) {
      return;
    }

    const {buffer, length} = reply.result;
    job.into.set(reply.result);
    job.filled = length;
    if (buffer instanceof ArrayBuffer && this.#spare.length < this.#threads.size) {
      this.#spare.push(buffer);
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
      if (thread.job !== undefined) {
        this.#take(thread.job, reply);
        thread.job.reply.resolve(reply);
      }

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
    this.#spare.length = Math.min(this.#spare.length, this.#threads.size);
    const at = this.#idle.indexOf(thread);
    if (at !== -1) {
      this.#idle.splice(at, 1);
    }
  }
}
