/** Fills the queue of one command in slices, so that its memory is bounded however many files there are. */
import type {Queue} from '../../../transfers/queue/queue.ts';

/** Transfers that wait or run at once, beyond which the queue gets no more: many for its groups of small files. */
const mostAtOnce = 10_000;

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
      await this.#changed.promise;
    }

    stop.removeEventListener('abort', onAbort);
  }

  /** Those that wait for room on the disk do not count: they may do so until the end. */
  get #isFull(): boolean {
    const {active, queued} = this.#queue.totals();
    return active + queued >= mostAtOnce;
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
