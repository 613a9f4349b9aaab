/** The threads that hash files, and the jobs of each. */
import {Worker} from 'node:worker_threads';
import {aborted, JangadaError} from '../../../../protocol/errors.ts';
import {endThreads} from '../../../waiting/end-threads.ts';
import {ownLongWork, type Turns} from '../../../waiting/long-work.ts';
import {refuseThread} from '../../../waiting/open-files.ts';
import type {LongWorkClient} from '../../store.ts';
import type {HashCommand, HashJob, HashReport} from './hash-messages.ts';

/** A thread holds one block and little else; without a limit it keeps much more garbage. */
const resourceLimits = {maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64};

const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './hash-worker.ts' : './hash-worker.js',
  import.meta.url,
);

export type HashClient = LongWorkClient & {
  /** Called while the job runs, with the number of blocks or bytes done, and new digests. */
  progress(report: Extract<HashReport, {state: 'running'}>): void;
};

type Running = {
  progress: HashClient['progress'];
  ended: PromiseWithResolvers<HashReport>;
};

type Thread = {
  worker: Worker;
  jobs: Map<number, Running>;
  /** When the thread last reported on a job, or began its only one. */
  heardAt: number;
};

/** A working thread reports every 200 ms; one that is silent for so long hangs in a read. */
const silentMs = 2000;

/** How many threads may hang before the server refuses further jobs. */
const mostHanging = 16;

export class HashPool {
  readonly #size: number;
  readonly #threads: Thread[] = [];
  readonly #turns: Turns;
  #lastId = 0;
  #closed = false;

  /**
   * @param size the most threads; they are started when there is work for them.
   * @param turns turns of jobs, by the addresses of clients.
   */
  constructor(size: number, turns: Turns = ownLongWork().hashJobs) {
    this.#size = size;
    this.#turns = turns;
  }

  /**
   * Run one job; the descriptor must stay open until the promise settles.
   *
   * @returns the hash in hexadecimal for a `hash` job; 'short' if the file has become shorter.
   * @throws JangadaError `aborted`, `busy`, `too_large`, `internal`.
   */
  async run(job: HashJob, client: HashClient): Promise<{digest?: string} | 'short'> {
    const leave = await this.#turns.enter(client.peer, client.signal);
    try {
      const last = await this.#runOn(this.#thread(), job, client);
      switch (last.state) {
        case 'short':
          return 'short';
        case 'failed':
          throw new JangadaError('internal', 'The server could not read the file', {
            cause: new Error(last.message),
          });
        case 'stopped':
          throw aborted('The client has left');
        default:
          return last.state === 'done' && last.digest !== undefined ? {digest: last.digest} : {};
      }
    } finally {
      leave();
    }
  }

  /** End the threads and all jobs; waits at most two seconds for a thread whose call hangs. */
  async close(): Promise<void> {
    this.#closed = true;
    await endThreads(this.#threads.map(({worker}) => worker));
  }

  async #runOn(thread: Thread, job: HashJob, client: HashClient): Promise<HashReport> {
    const id = ++this.#lastId;
    const ended = Promise.withResolvers<HashReport>();
    const tell = (command: HashCommand) => thread.worker.postMessage(command);
    const stop = () => tell({id, do: 'stop'});
    if (thread.jobs.size === 0) {
      thread.heardAt = performance.now();
    }

    thread.jobs.set(id, {progress: client.progress, ended});
    thread.worker.ref();
    client.signal.addEventListener('abort', stop, {once: true});
    try {
      tell({id, do: 'start', job});
      if (client.signal.aborted) {
        stop();
      }

      return await ended.promise;
    } finally {
      client.signal.removeEventListener('abort', stop);
      thread.jobs.delete(id);
      if (thread.jobs.size === 0) {
        thread.worker.unref();
      }
    }
  }

  /** The thread with the fewest jobs that does not hang. */
  #thread(): Thread {
    if (this.#closed) {
      throw aborted('The server is stopping');
    }

    const now = performance.now();
    const hangs = ({jobs, heardAt}: Thread) => jobs.size > 0 && now - heardAt > silentMs;
    const working = this.#threads.filter(thread => !hangs(thread));
    const [least] = working.toSorted((one, other) => one.jobs.size - other.jobs.size);
    const isFull = working.length >= this.#size || this.#threads.length >= this.#size + mostHanging;
    if (least !== undefined && (least.jobs.size === 0 || isFull)) {
      return least;
    }

    if (isFull) {
      throw new JangadaError('busy', 'The disk of the server hangs; try again later');
    }

    try {
      refuseThread();
    } catch (error) {
      if (least !== undefined) {
        return least;
      }

      throw error;
    }

    const thread: Thread = {
      worker: new Worker(workerFile, {resourceLimits}),
      jobs: new Map(),
      heardAt: now,
    };
    thread.worker.on('message', (report: HashReport) => {
      thread.heardAt = performance.now();
      const running = thread.jobs.get(report.id);
      if (report.state === 'running') {
        running?.progress(report);
      } else {
        running?.ended.resolve(report);
      }
    });
    thread.worker.on('error', error => this.#lose(thread, error.message));
    thread.worker.on('exit', () => this.#lose(thread, 'The thread has ended'));
    thread.worker.unref();
    this.#threads.push(thread);
    return thread;
  }

  #lose(thread: Thread, message: string): void {
    const at = this.#threads.indexOf(thread);
    if (at !== -1) {
      this.#threads.splice(at, 1);
    }

    for (const [id, running] of thread.jobs) {
      running.ended.resolve({id, state: 'failed', message});
    }
  }
}
