/**
 * What has happened in a queue, told a few times a second at most, however many files finish in
 * between: thousands of small files cost as many updates as one large one.
 */
import type {LiveTransfer, Queue, TransferSnapshot} from '../../transfers/queue/queue.ts';
import {isRunning, isSettled, waitsForRoom} from '../../transfers/terms/transfer-state.ts';
import {QueueUpdates} from './queue-updates.ts';

export type Update = {
  /** Transfers that came to their end since the last update. Each is told once. */
  readonly settled: readonly TransferSnapshot[];
  readonly running: readonly TransferSnapshot[];
  /** For room on the disk. */
  readonly waiting: readonly TransferSnapshot[];
  readonly bytesPerSecond: number;
};

export class TransferWatch implements Disposable {
  readonly #queue: Queue;
  readonly #onUpdate: (update: Update) => void;
  readonly #updates: QueueUpdates;
  /** Rows before this one have settled and been told. */
  #from = 0;
  /** Those behind it that have, by id. */
  readonly #told = new Set<number>();

  constructor(queue: Queue, onUpdate: (update: Update) => void) {
    this.#queue = queue;
    this.#onUpdate = onUpdate;
    this.#updates = new QueueUpdates(queue, () => this.#tell());
  }

  /** Tell now what has not been told. */
  flush(): void {
    this.#updates.now();
  }

  #tell(): void {
    const {bytesPerSecond} = this.#queue.totals();
    const rows = this.#queue.live;
    const settled: TransferSnapshot[] = [];
    const running: TransferSnapshot[] = [];
    const waiting: TransferSnapshot[] = [];
    for (let at = this.#from; at < rows.length; at++) {
      const row = rows[at];
      if (row === undefined) {
        break;
      }

      if (isRunning(row.state)) {
        running.push(row.toSnapshot());
      } else if (waitsForRoom(row.state)) {
        waiting.push(row.toSnapshot());
      } else if (isSettled(row.state) && !this.#told.has(row.id)) {
        this.#told.add(row.id);
        settled.push(row.toSnapshot());
      }
    }

    this.#forgetFront(rows);
    this.#onUpdate({settled, running, waiting, bytesPerSecond});
  }

  #forgetFront(rows: readonly LiveTransfer[]): void {
    for (;;) {
      const id = rows[this.#from]?.id;
      if (id === undefined || !this.#told.delete(id)) {
        return;
      }

      this.#from++;
    }
  }

  [Symbol.dispose](): void {
    this.#updates[Symbol.dispose]();
  }
}
