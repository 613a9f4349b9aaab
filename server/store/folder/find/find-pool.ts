/**
 * The threads that look for files and folders: one search a thread, a few at once. A thread whose masks
 * keep it busy without getting on is ended, and with it nothing else. A thread in a call of the system
 * that hangs cannot be ended; others have its turn.
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

/** Threads that are kept for the next search; starting one takes some 50 ms. */
const warmThreads = 1;

/** Threads that may hang before further searches are refused. */
const mostHanging = 8;

/** A folder with some million names fits into this. */
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
  /** Those in a call that hangs, and those that were ended but are still there. */
  readonly #hanging = new Set<Worker>();
  #closed = false;

  /**
   * @param maskMs milliseconds that masks may be matched without getting on.
   * @param turns of searches, by the addresses of clients.
   */
  constructor(root: RootHandle, maskMs: number, turns: Turns = ownLongWork().searches) {
    this.#root = root;
    this.#maskMs = maskMs;
    this.#turns = turns;
  }

  /**
   * Search the root. The thread is a few frames ahead of those that were taken; while it waits for
   * them to be taken, others have its turn. At the end the places that could not be searched.
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

  /** End the threads, and with them all searches; one whose call hangs is waited for two seconds at most. */
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
    // Until the thread has begun.
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
    // Each search listens for errors; between two of them an error must not end the process.
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
      // Not waited for: it ends only when its call comes back, and the next search has its turn now.
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
