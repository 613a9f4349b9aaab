/**
 * The threads that search for files and folders: one search for each thread, a few at once. If masks keep a thread busy
 * without progress, that thread is ended, and nothing else. A thread whose system call hangs cannot be ended; other
 * searches get its turn.
 */
import {Worker} from 'node:worker_threads';
import {aborted, JangadaError, systemErrorCode} from '../../../../protocol/errors.ts';
import type {Unsearched} from '../../../../protocol/messages.ts';
import {endThreads} from '../../../waiting/end-threads.ts';
import {ownLongWork, type Turns} from '../../../waiting/long-work.ts';
import {refuseThread} from '../../../waiting/open-files.ts';
import {Turn} from '../../../waiting/turn.ts';
import type {EntryFrame} from '../../entry-frames.ts';
import type {LongWorkClient, Search} from '../../store.ts';
import type {RootHandle} from '../root/root.ts';
import {type FindReport, type FindTask, notify, stateAt, stateBytes} from './find-messages.ts';
import {HangWatch} from './hang-watch.ts';
import {MaskWatch} from './mask-watch.ts';
import {ParkedSearches} from './parked-searches.ts';
import {SearchCredit} from './search-credit.ts';
import {SearchProgress, SearchRefused} from './search-progress.ts';

/** How many idle threads to keep for the next search; starting one takes about 50 ms. */
const warmThreads = 1;

/** How many threads may hang before the server refuses further searches. */
const mostHanging = 8;

/** Enough memory for a folder with some million names. */
const resourceLimits = {maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 512};

const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './find-worker.ts' : './find-worker.js',
  import.meta.url,
);

export class FindPool {
  readonly #root: RootHandle;
  readonly #maskMs: number;
  readonly #turns: Turns;
  readonly #parked = new ParkedSearches();
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  /** Threads in a call that hangs, and threads that were told to end and still run. */
  readonly #hanging = new Set<Worker>();
  #closed = false;

  /**
   * @param maskMs how long matching masks may take without progress, in milliseconds.
   * @param turns turns of searches, by the addresses of clients.
   */
  constructor(root: RootHandle, maskMs: number, turns: Turns = ownLongWork().searches) {
    this.#root = root;
    this.#maskMs = maskMs;
    this.#turns = turns;
  }

  /**
   * Search the root. The thread may be a few frames ahead of the caller. While it waits for the caller, other searches get
   * its turn. Returns the places that could not be searched.
   *
   * @throws JangadaError `bad_mask`, `too_large`, `busy`, `aborted`, `internal`; the reason if the
   * folder itself cannot be read.
   */
  async *run(search: Search, client: LongWorkClient): AsyncGenerator<EntryFrame, Unsearched, void> {
    using turn = new Turn(this.#turns, client.peer, client.signal);
    await turn.take();
    const worker = this.#take();
    worker.ref();
    let reusable = false;
    try {
      const unsearched = yield* this.#search(worker, search, client, turn);
      reusable = true;
      return unsearched;
    } catch (error) {
      reusable = error instanceof SearchRefused;
      throw error;
    } finally {
      this.#giveBack(worker, reusable);
    }
  }

  /** End the threads and all searches; waits at most two seconds for a thread whose call hangs. */
  async close(): Promise<void> {
    this.#closed = true;
    await endThreads(this.#all);
  }

  async *#search(
    worker: Worker,
    search: Search,
    {peer, signal}: LongWorkClient,
    turn: Turn,
  ): AsyncGenerator<EntryFrame, Unsearched, void> {
    const memory = new SharedArrayBuffer(stateBytes);
    const state = new Int32Array(memory);
    // Starting the thread must not count as matching.
    state[stateAt.reading] = 1;
    const progress = new SearchProgress();
    const end = () => {
      progress.end(new JangadaError('busy', 'Too many searches wait for clients that do not read'));
      void worker.terminate();
    };
    using credit = new SearchCredit({state, turn, parked: this.#parked, search: {peer, end}});
    const onMessage = (report: FindReport) => {
      if (report.kind === 'waits') {
        credit.threadWaits();
      } else {
        progress.hear(report);
      }
    };
    const onError = (error: Error) => progress.end(asError(error));
    const onExit = () => progress.end(new JangadaError('internal', 'The search ended early'));
    const left = () => aborted('The client has left');
    const onAbort = () => {
      notify(state, stateAt.stop);
      if (hangs.hangs) {
        progress.end(left());
      }
    };
    using hangs = new HangWatch(state, {
      onHang: () => {
        this.#hanging.add(worker);
        credit.threadHangs();
        if (signal.aborted) {
          progress.end(left());
        }
      },
      onGoOn: () => {
        this.#hanging.delete(worker);
        credit.threadGoesOn();
      },
    });
    const watch = new MaskWatch(state, this.#maskMs, () => {
      progress.end(new JangadaError('bad_mask', 'The masks take too long to match'));
    });
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', onAbort);
    try {
      worker.postMessage({...search, root: this.#root, state: memory} satisfies FindTask);
      if (signal.aborted) {
        onAbort();
      }

      for (let found = await progress.next(); found !== undefined; found = await progress.next()) {
        yield found;
        credit.taken();
      }

      if (signal.aborted) {
        throw left();
      }

      return progress.unsearched;
    } finally {
      watch[Symbol.dispose]();
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    }
  }

  #take(): Worker {
    if (this.#closed) {
      throw aborted('The server is stopping');
    }

    const idle = this.#idle.pop();
    if (idle !== undefined) {
      return idle;
    }

    if (this.#hanging.size >= mostHanging) {
      throw new JangadaError('busy', 'The disk of the server hangs; try again later');
    }

    refuseThread();
    const worker = new Worker(workerFile, {resourceLimits});
    this.#all.add(worker);
    // Each search listens for errors; between two searches, an error must not end the process.
    worker.on('error', () => {});
    worker.on('exit', () => {
      this.#all.delete(worker);
      this.#hanging.delete(worker);
      const at = this.#idle.indexOf(worker);
      if (at !== -1) {
        this.#idle.splice(at, 1);
      }
    });
    return worker;
  }

  #giveBack(worker: Worker, reusable: boolean): void {
    worker.unref();
    if (reusable && this.#idle.length < warmThreads && !this.#closed && this.#all.has(worker)) {
      this.#hanging.delete(worker);
      this.#idle.push(worker);
    } else if (this.#all.has(worker)) {
      // Do not wait: the thread ends only when its call returns, and the next search gets its turn now.
      this.#hanging.add(worker);
      void worker.terminate();
    }
  }
}

function asError(error: Error): JangadaError {
  return systemErrorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new JangadaError('too_large', 'A folder has too many names to be searched', {cause: error})
    : new JangadaError('internal', 'The search failed', {cause: error});
}
