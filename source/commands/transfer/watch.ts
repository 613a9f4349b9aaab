/**
 * Reports changes in the queue of one command a few times a second at most, however many files finish in between:
 * thousands of small files cost as many updates as one large one.
 */
import type {Queue, TransferSnapshot} from '../../transfers/queue/queue.ts';
import {QueueUpdates} from './queue-updates.ts';

export type Update = {
  /** Transfers that have settled since the last update. Each is reported once. */
  readonly settled: readonly TransferSnapshot[];
  readonly running: readonly TransferSnapshot[];
  /** The first transfers that wait for room on the disk, and the number of all of them. */
  readonly waiting: readonly TransferSnapshot[];
  readonly waitingCount: number;
  readonly bytesPerSecond: number;
};

/** Most transfers without room in one update: there may be thousands. */
export const mostWaiting = 10;

export class TransferWatch implements Disposable {
  readonly #queue: Queue;
  readonly #onUpdate: (update: Update) => void;
  readonly #updates: QueueUpdates;
  /** Ids of settled transfers that were reported. */
  readonly #told = new Set<number>();

  constructor(queue: Queue, onUpdate: (update: Update) => void) {
    this.#queue = queue;
    this.#onUpdate = onUpdate;
    this.#updates = new QueueUpdates(queue, changed => this.#tell(changed));
  }

  /** Report pending changes now. */
  flush(): void {
    this.#updates.now();
  }

  #tell(changed: ReadonlySet<number>): void {
    const settled: TransferSnapshot[] = [];
    for (const id of changed) {
      if (!this.#queue.has(id)) {
        this.#told.delete(id);
      } else if (!this.#told.has(id)) {
        const transfer = this.#queue.ended(id);
        if (transfer !== undefined) {
          this.#told.add(id);
          settled.push(transfer);
        }
      }
    }

    this.#onUpdate({settled, ...currentOf(this.#queue)});
  }

  [Symbol.dispose](): void {
    this.#updates[Symbol.dispose]();
  }
}

/** What runs and waits in `queue` at the moment. */
export function currentOf(queue: Queue): Omit<Update, 'settled'> {
  const {bytesPerSecond, waiting: waitingCount} = queue.totals();
  const waiting = queue.firstWithoutRoom(mostWaiting);
  return {running: queue.running, waiting, waitingCount, bytesPerSecond};
}
