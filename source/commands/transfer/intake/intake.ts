/** Fills the queue of one command in slices, so that its memory is bounded however many files there are. */
import type {Queue} from '../../../transfers/queue/queue.ts';

/**
 * The queue gets no more while so many transfers wait (also for room on the disk) or run. The number is large enough
 * for groups of small files, and small enough that the queue keeps each transfer as a record all the time
 * (`queue/rows/row-map.ts`).
 */
const mostAtOnce = 6000;

export class Intake {
  readonly #queue: Queue;
  #changed = Promise.withResolvers<void>();

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  /** Called when transfers have ended and were reported: they are forgotten. */
  settled(ids: readonly number[]): void {
    this.#queue.forget(ids);
    this.#tell();
  }

  /** Resolves once the queue may get more, or `stop` is aborted. */
  async room(stop: AbortSignal): Promise<void> {
    const onAbort = () => this.#tell();
    stop.addEventListener('abort', onAbort);
    while (!stop.aborted && this.#isFull) {
      this.#giveUpWaiting();
      await this.#changed.promise;
    }

    stop.removeEventListener('abort', onAbort);
  }

  get #isFull(): boolean {
    const {active, queued, waiting} = this.#queue.totals();
    return active + queued + waiting >= mostAtOnce;
  }

  /** If nothing else is left to fetch, transfers that wait for room fail, as they do at the end: others may fit. */
  #giveUpWaiting(): void {
    const {active, queued} = this.#queue.totals();
    if (active + queued === 0) {
      this.#queue.giveUpWaiting();
    }
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
