/**
 * The threads that look for files and folders: one search a thread, a few at once. A thread whose masks
 * keep it busy without getting on is ended, and with it nothing else.
 */
import {Worker} from 'node:worker_threads';
import {JangadaError} from '../../../../protocol/errors.ts';
import {FairQueue} from '../../../waiting/fair-queue.ts';
import {type FindReport, type FindTask, stateAt, stateBytes} from './find-messages.ts';
import {MaskWatch} from './mask-watch.ts';

/** Searches at once, in all and for one client's address. */
const limits = {total: 4, perKey: 2};

/** Threads that are kept for the next search; starting one takes some 50 ms. */
const warmThreads = 1;

/** Frames that a search may be ahead of its client. */
const framesAhead = 4;

/** A folder with some million names fits into this. */
const resourceLimits = {maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 512};

const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './find-worker.ts' : './find-worker.js',
  import.meta.url,
);

export type FindQuestion = Omit<FindTask, 'state'>;

export type FoundFrame = Extract<FindReport, {kind: 'found'}>;

export type FindClient = {
  peer: string;
  signal: AbortSignal;
  /** Called for every frame; call `more` when it was sent. */
  found(frame: FoundFrame, more: () => void): void;
};

export class FindPool {
  readonly #maskMs: number;
  readonly #queue = new FairQueue(limits);
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  #closed = false;

  /** @param maskMs how long masks may be matched without getting on. */
  constructor(maskMs: number) {
    this.#maskMs = maskMs;
  }

  /**
   * Look for files.
   *
   * @throws JangadaError `bad_mask`, `too_large`, `aborted`, `internal`.
   */
  async run(question: FindQuestion, client: FindClient): Promise<void> {
    const leave = await this.#queue.enter(client.peer, client.signal);
    try {
      const worker = this.#take();
      worker.ref();
      let reusable = false;
      try {
        await this.#search(worker, question, client);
        reusable = true;
      } catch (error) {
        reusable = error instanceof MaskRefused;
        throw error;
      } finally {
        await this.#giveBack(worker, reusable);
      }
    } finally {
      leave();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map(worker => worker.terminate()));
  }

  async #search(worker: Worker, question: FindQuestion, client: FindClient): Promise<void> {
    const memory = new SharedArrayBuffer(stateBytes);
    const state = new Int32Array(memory);
    state[stateAt.credit] = framesAhead;
    // Until the thread has begun.
    state[stateAt.reading] = 1;
    const ended = Promise.withResolvers<void>();
    const onMessage = (report: FindReport) => {
      if (report.kind === 'found') {
        client.found(report, () => wake(state, stateAt.credit));
      } else if (report.kind === 'ended') {
        ended.resolve();
      } else {
        ended.reject(refusal(report));
      }
    };
    const onError = (error: Error) => ended.reject(asError(error));
    const onExit = () => ended.reject(new JangadaError('internal', 'The search ended early'));
    const onAbort = () => wake(state, stateAt.stop);
    const watch = new MaskWatch(state, this.#maskMs, () => {
      ended.reject(new JangadaError('bad_mask', 'The masks take too long to match'));
    });
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    client.signal.addEventListener('abort', onAbort);
    try {
      worker.postMessage({...question, state: memory} satisfies FindTask);
      if (client.signal.aborted) {
        onAbort();
      }

      await ended.promise;
    } finally {
      watch[Symbol.dispose]();
      client.signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    }
  }

  #take(): Worker {
    if (this.#closed) {
      throw new JangadaError('aborted', 'The server is stopping');
    }

    const idle = this.#idle.pop();
    if (idle !== undefined) {
      return idle;
    }

    const worker = new Worker(workerFile, {resourceLimits});
    this.#all.add(worker);
    // Whoever uses it hears of errors; without anybody they must not end the process.
    worker.on('error', () => {});
    worker.on('exit', () => {
      this.#all.delete(worker);
      const at = this.#idle.indexOf(worker);
      if (at !== -1) {
        this.#idle.splice(at, 1);
      }
    });
    return worker;
  }

  async #giveBack(worker: Worker, reusable: boolean): Promise<void> {
    worker.unref();
    if (reusable && this.#idle.length < warmThreads && !this.#closed && this.#all.has(worker)) {
      this.#idle.push(worker);
    } else {
      await worker.terminate();
    }
  }
}

/** The thread refused the masks, and is as good as new. */
class MaskRefused extends JangadaError {}

function refusal({code, message}: Extract<FindReport, {kind: 'failed'}>): JangadaError {
  return code === 'bad_mask'
    ? new MaskRefused('bad_mask', message)
    : new JangadaError('internal', 'The search failed', {cause: new Error(message)});
}

function asError(error: Error): JangadaError {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new JangadaError('too_large', 'A folder has too many names to be searched', {cause: error})
    : new JangadaError('internal', 'The search failed', {cause: error});
}

function wake(state: Int32Array, at: number): void {
  Atomics.add(state, at, 1);
  // Who waits, waits for credit.
  Atomics.notify(state, stateAt.credit);
}
