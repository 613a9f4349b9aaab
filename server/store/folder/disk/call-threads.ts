/**
 * Threads that make disk calls while the disk is slow. Each thread makes one call at a time, so a call that hangs blocks
 * only its own thread. When all threads are busy, another one is started, up to a limit.
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

/** The most threads; when all of them hang, further calls wait. */
const mostThreads = 16;

/** The most calls that wait for a thread. Calls of clients that have left stay among them while the disk hangs. */
const mostWaiting = 1024;

/** A thread ends after so many idle milliseconds. */
const idleMs = 30_000;

/** The thread holds one block and little else. */
const resourceLimits = {maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64};

/** A waiting read gets no memory before a thread is free for it. */
const noMemory = new ArrayBuffer(0);

const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './call-worker.ts' : './call-worker.js',
  import.meta.url,
);

type Job = {
  message: CallMessage;
  reply: PromiseWithResolvers<CallReply>;
  /** The target of a `read`. */
  into?: Buffer;
  filled?: number;
};

type Thread = {worker: Worker; job: Job | undefined; idle: NodeJS.Timeout | undefined};

export class CallThreads {
  readonly #root: RootHandle;
  readonly #threads = new Set<Thread>();
  /** The thread that was busy last is used next, so that threads that are not needed end. */
  readonly #idle: Thread[] = [];
  readonly #waiting: Job[] = [];
  /** Memory for reads, one each. New memory for each read grew to hundreds of megabytes before garbage collection. */
  readonly #spare: ArrayBuffer[] = [];
  #closed = false;

  constructor(root: RootHandle) {
    this.#root = root;
  }

  /**
   * Make a call in a thread.
   *
   * @throws JangadaError as the call does; `aborted` when the server stops; `busy` or `too_large` if no thread can be
   * started; `busy` if too many calls wait, but not for a `close`, which must not leave its descriptor open; `internal`.
   */
  async run<Name extends Exclude<CallName, 'read'>>(
    name: Name,
    args: CallArguments<Name>,
  ): Promise<CallResult<Name>> {
    // A name with its arguments is one of the messages; TypeScript cannot follow this.
    const message = {name, args} as CallMessage;
    const result = await this.#resultOf({message, reply: Promise.withResolvers()});
    // A thread replies with the result of its call.
    return result as CallResult<Name>;
  }

  /**
   * Fill `into` from an open file, in a thread. @returns the number of bytes; fewer only at the end of the file.
   *
   * @throws JangadaError as `run` does.
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

    if (this.#waiting.length >= mostWaiting && job.message.name !== 'close') {
      throw new JangadaError('busy', 'The disk of the server hangs; try again later');
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

  /** End the threads and all calls; waits at most two seconds for a call that hangs. */
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

  /** Send a call to a thread. A read gets memory of its own until the reply. */
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

  /** Copy the bytes of a read out of the returned memory, and keep the memory for another read. */
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
      // Files that the thread opens stay open for other threads, which may close them.
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
      // Do this first: a call that comes before the thread has ended needs another thread.
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

  /** Send no further call to the thread. */
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
