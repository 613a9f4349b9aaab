/** Fills the queue of one command in slices, so that its memory is bounded however many files there are. */
import type {Queue} from '../../../transfers/queue/queue.ts';

/**
 * Transfers that wait, for room too, or run at once, beyond which the queue gets no more: many for its groups of
 * small files, and few enough that it keeps each as a record from the beginning to the end (`queue/rows/row-map.ts`).
 */
const mostAtOnce = 6000;

export class Intake {
  readonly #queue: Queue;
  #changed = Promise.withResolvers<void>();

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  /** Transfers have ended and were told of: nothing is kept of them. */
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

  /** Where nothing else is left to be fetched, transfers that wait for room fail, as they do at the end: others may fit. */
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
