/**
 * Tells a report what happens in a queue that is kept: what had come to its end before is history,
 * and rows are added, moved and cleared by other clients meanwhile.
 */
import {isServerLost} from '../../../protocol/errors.ts';
import {leftWithoutRoom} from '../../transfers/disk/room.ts';
import type {LiveTransfer, Queue, TransferSnapshot} from '../../transfers/queue/queue.ts';
import {
  isRunning,
  isSettled,
  type TransferState,
  waitsForRoom,
} from '../../transfers/terms/transfer-state.ts';
import {QueueUpdates} from '../transfer/queue-updates.ts';
import type {TransferReport} from '../transfer/report.ts';

export class QueueWatch implements Disposable {
  readonly #queue: Queue;
  readonly #report: TransferReport;
  readonly #onLost: (row: TransferSnapshot) => void;
  readonly #updates: QueueUpdates;
  /** Settled, and told or not to be told. */
  readonly #over: Set<number>;
  /** Counted as asked for, with how many bytes. */
  readonly #asked = new Map<number, number>();

  /**
   * @param settled ids of what is history.
   * @param onLost is given, in place of the report, what failed because the server is gone.
   */
  constructor(
    queue: Queue,
    settled: readonly number[],
    report: TransferReport,
    onLost: (row: TransferSnapshot) => void,
  ) {
    this.#queue = queue;
    this.#over = new Set(settled);
    this.#report = report;
    this.#onLost = onLost;
    this.#updates = new QueueUpdates(queue, () => this.#tell());
  }

  /** Tell now what has not been told. */
  flush(): void {
    this.#updates.now();
  }

  #tell(): void {
    const {bytesPerSecond} = this.#queue.totals();
    const settled: TransferSnapshot[] = [];
    const running: TransferSnapshot[] = [];
    const waiting: TransferSnapshot[] = [];
    for (const row of this.#queue.live) {
      if (row.elsewhere !== undefined || row.settledElsewhere) {
        // Whoever works on it tells of it.
        this.#giveUp(row);
        this.#over.delete(row.id);
      } else if (!isSettled(row.state)) {
        this.#over.delete(row.id);
        this.#wait(row, running, waiting);
      } else if (!this.#over.has(row.id)) {
        this.#over.add(row.id);
        this.#settle(row, settled);
      }
    }

    this.#report.update({settled, running, waiting, bytesPerSecond});
  }

  /** What still waits for room is named as not done; it stays in the queue, for another time. */
  giveUpWaiting(): void {
    const {bytesPerSecond} = this.#queue.totals();
    const settled = this.#queue.live.flatMap((row): TransferSnapshot[] =>
      waitsForRoom(row.state) && row.elsewhere === undefined
        ? [{...row.toSnapshot(), state: failedWithoutRoom(row.state.noRoom)}]
        : [],
    );
    this.#report.update({settled, running: [], waiting: [], bytesPerSecond});
  }

  #wait(row: LiveTransfer, running: TransferSnapshot[], waiting: TransferSnapshot[]): void {
    if (waitsForRoom(row.state)) {
      this.#ask(row);
      waiting.push(row.toSnapshot());
      return;
    }

    if (row.state.name === 'paused') {
      this.#giveUp(row);
      return;
    }

    this.#ask(row);
    if (isRunning(row.state)) {
      running.push(row.toSnapshot());
    }
  }

  #settle(row: LiveTransfer, settled: TransferSnapshot[]): void {
    if (row.state.name === 'canceled') {
      this.#giveUp(row);
    } else if (row.state.name === 'failed' && isServerLost(row.state.code)) {
      this.#giveUp(row);
      this.#onLost(row.toSnapshot());
    } else {
      this.#ask(row);
      this.#asked.delete(row.id);
      settled.push(row.toSnapshot());
    }
  }

  #ask({id, size = 0}: LiveTransfer): void {
    if (!this.#asked.has(id)) {
      this.#asked.set(id, size);
      this.#report.tally.addAsked([{size}]);
    }
  }

  /** It is not for this run after all. */
  #giveUp({id}: LiveTransfer): void {
    const size = this.#asked.get(id);
    if (size !== undefined) {
      this.#asked.delete(id);
      this.#report.tally.asked--;
      this.#report.tally.askedBytes -= size;
    }
  }

  [Symbol.dispose](): void {
    this.#updates[Symbol.dispose]();
  }
}

function failedWithoutRoom(noRoom: string): TransferState {
  return {name: 'failed', code: 'no_space', reason: leftWithoutRoom(noRoom)};
}
