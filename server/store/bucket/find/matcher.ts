/**
 * Threads that match names, so that a mask that takes for ever delays no other client: only the thread of its own search
 * is ended.
 */
import process from 'node:process';
import {Worker} from 'node:worker_threads';
import {aborted, JangadaError} from '../../../../protocol/errors.ts';
import {endThreads} from '../../../waiting/end-threads.ts';
import {FairQueue} from '../../../waiting/fair-queue.ts';
import {refuseThread} from '../../../waiting/open-files.ts';
import type {LongWorkClient} from '../../store.ts';
import type {MatchAnswer, MatchTask} from './match-messages.ts';

/** The most tasks at once, in all and for one client. A task takes milliseconds. */
const limits = {total: 2, perKey: 1};

/** How many checks without progress make a task hopeless. */
const looks = 8;

const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './match-worker.ts' : './match-worker.js',
  import.meta.url,
);

export class Matcher {
  readonly #maskMs: number;
  readonly #queue = new FairQueue(limits);
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  #isClosed = false;

  /** @param maskMs the processor time that the names of one task may take, in milliseconds. */
  constructor(maskMs: number) {
    this.#maskMs = maskMs;
  }

  /** @throws JangadaError `bad_mask` if the masks take too long, `aborted`, `internal`. */
  async match(task: MatchTask, {peer, signal}: LongWorkClient): Promise<MatchAnswer> {
    const leave = await this.#queue.enter(peer, signal);
    try {
      const worker = await this.#take();
      if (signal.aborted) {
        this.#giveBack(worker);
        throw left();
      }

      const answer = await this.#answer(worker, task, signal);
      this.#giveBack(worker);
      return answer;
    } finally {
      leave();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await endThreads(this.#all);
  }

  #answer(worker: Worker, task: MatchTask, signal: AbortSignal): Promise<MatchAnswer> {
    return new Promise((resolve, reject) => {
      const settle = (error?: JangadaError) => {
        clearInterval(timer);
        signal.removeEventListener('abort', onAbort);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        if (error !== undefined) {
          void worker.terminate();
          reject(error);
        }
      };
      const onMessage = (answer: MatchAnswer) => {
        settle();
        resolve(answer);
      };
      const onError = (cause: Error) =>
        settle(new JangadaError('internal', 'The search failed', {cause}));
      const onExit = () => settle(new JangadaError('internal', 'The search ended early'));
      const onAbort = () => settle(left());
      const hopeless = () =>
        settle(new JangadaError('bad_mask', 'The masks take too long to match'));
      const timer = this.#watch(hopeless);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      signal.addEventListener('abort', onAbort, {once: true});
      worker.postMessage(task);
    });
  }

  /** Measure processor time, so that a machine that is busy with other programs does not make a task hopeless. */
  #watch(hopeless: () => void): NodeJS.Timeout {
    let lookedAt = performance.now();
    let used = usedMs();
    let spent = 0;
    return setInterval(() => {
      const [now, usedNow] = [performance.now(), usedMs()];
      spent += Math.min(now - lookedAt, this.#maskMs / 4, usedNow - used);
      [lookedAt, used] = [now, usedNow];
      if (spent >= this.#maskMs) {
        hopeless();
      }
    }, this.#maskMs / looks);
  }

  async #take(): Promise<Worker> {
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      idle.ref();
      return idle;
    }

    if (this.#isClosed) {
      throw aborted('The server is stopping');
    }

    refuseThread();
    const worker = new Worker(workerFile);
    this.#all.add(worker);
    // Each task listens for errors; between two tasks, an error must not end the process.
    worker.on('error', () => {});
    worker.once('exit', () => {
      this.#all.delete(worker);
      const at = this.#idle.indexOf(worker);
      if (at !== -1) {
        this.#idle.splice(at, 1);
      }
    });
    const {promise: started, resolve, reject} = Promise.withResolvers<void>();
    const onError = (cause: Error) =>
      reject(new JangadaError('internal', 'The search failed', {cause}));
    const onExit = () =>
      reject(
        this.#isClosed
          ? aborted('The server is stopping')
          : new JangadaError('internal', 'The search ended early'),
      );
    // The first message says that the thread has started: the masks do not pay for the time of the start.
    worker.once('message', resolve).once('error', onError).once('exit', onExit);
    await started;
    worker.off('error', onError).off('exit', onExit);
    return worker;
  }

  #giveBack(worker: Worker): void {
    this.#idle.push(worker);
    worker.unref();
  }
}

function left(): JangadaError {
  return aborted('The client has left');
}

/** Processor time of all threads of this process together, in milliseconds. */
function usedMs(): number {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1000;
}
