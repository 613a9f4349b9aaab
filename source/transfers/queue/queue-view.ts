/** A queue as its readers see it: the totals from the first moment on, and the transfers that have been read so far. */
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Holder} from '../database/locks/places.ts';
import type {Limits} from '../terms/limits.ts';
import {isSettled} from '../terms/transfer-state.ts';
import {concerns, type Wish} from '../terms/wish.ts';
import {type ChangeListener, Publisher} from './rows/publisher.ts';
import {isSmall, newSnapshotOf, type Row, snapshotOf, type TransferSnapshot} from './rows/row.ts';
import {type ByteTotals, togetherBytes} from './rows/row-bytes.ts';
import {noRows, type RowCounts} from './rows/row-counter.ts';
import {compareRows} from './rows/row-order.ts';
import {Rows} from './rows/rows.ts';
import type {Unread} from './rows/unread.ts';

/** Figures about all transfers, correct from the first moment, even while a long queue is still being read. */
export type QueueTotals = {
  /** Number of transfers in the queue, in any state. */
  readonly total: number;
  readonly active: number;
  readonly queued: number;
  /** Number of transfers that wait for room on the disk. */
  readonly waiting: number;
  /** Number of transfers that a user has paused. */
  readonly paused: number;
  readonly failed: number;
  readonly done: number;
  readonly canceled: number;
  /** Bytes of all transfers except the canceled ones. */
  readonly bytes: ByteTotals;
  readonly bytesPerSecond: number;
  readonly limits: Limits;
  /** Total speed at the last ticks (4 a second), oldest first, at most 32. */
  readonly speedHistory: readonly number[];
  /** The process that works on the queue, if it is another one. */
  readonly worker: Holder | undefined;
  /** Number of wishes for that process that could not be written yet. */
  readonly unwritten: number;
};

export type QueueSnapshot = QueueTotals & {
  /** In queue order. The row of an unchanged transfer is the same object as before. */
  readonly rows: readonly TransferSnapshot[];
};

/** The figures that are not counted from the rows. `unread`: transfers that were not read yet. */
export type Figures = Pick<
  QueueTotals,
  'bytesPerSecond' | 'speedHistory' | 'limits' | 'worker' | 'unwritten'
> & {unread: Pick<Unread, 'counts' | 'bytes' | 'total'> | undefined};

/** At most this many larger files run at once. */
const runningAtOnce = 64;

export abstract class QueueView {
  protected readonly rows = new Rows();
  protected readonly publisher = new Publisher(() => {
    this.#snapshot = undefined;
    this.#totals = undefined;
  });
  #snapshot: QueueSnapshot | undefined;
  #totals: QueueTotals | undefined;

  /** Ids of the transfers that `wish` applies to, in queue order. */
  protected concerned(wish: Wish): number[] {
    return this.rows.idsIn(state => concerns(wish, state));
  }

  readonly #noticeListeners = new Set<(text: string) => void>();

  protected abstract get figures(): Figures;

  /**
   * Immutable; the same object until something changes. It makes an object for each transfer; to show only some of
   * them, use `totals` and `slice`.
   */
  snapshot(): QueueSnapshot {
    this.#snapshot ??= {...this.totals(), rows: this.slice(0)};
    return this.#snapshot;
  }

  /** Immutable; the same object until something changes. */
  totals(): QueueTotals {
    const {unread, ...figures} = this.figures;
    const total = this.rows.size + (unread?.total ?? 0);
    // Some slices are read without a change event, and a slice may have transfers that were added since the count.
    if (this.#totals?.total !== total) {
      this.#totals = {
        total,
        ...together(this.rows.counts, unread?.counts),
        bytes:
          unread === undefined ? this.rows.bytes : togetherBytes(this.rows.bytes, unread.bytes),
        ...figures,
      };
    }

    return this.#totals;
  }

  /** Number of transfers that can be shown now. Less than the total while a long queue is still being read. */
  get size(): number {
    return this.rows.size;
  }

  /** Current transfers in queue order, from index `from` up to but not including `to`. */
  slice(from: number, to?: number): TransferSnapshot[] {
    return this.rows.slice(from, to).map(snapshotOf);
  }

  /** Index of a transfer in queue order; -1 if it was cleared. */
  indexOf(id: number): number {
    return this.rows.indexOf(id);
  }

  /** Index of the first unsettled transfer; -1 if all are settled. */
  get firstUnsettled(): number {
    return this.rows.firstOpen;
  }

  /** The current transfer of that file; the latest one, if there are several. */
  find(path: RemotePath): TransferSnapshot | undefined {
    const row = this.rows.find(path);
    return row === undefined ? undefined : snapshotOf(row);
  }

  /**
   * The running transfers, in queue order. If there are many, small files are left out unless there is something to
   * report about them: thousands run at once, and an object for each at every update would cost more than fetching
   * them.
   */
  get running(): TransferSnapshot[] {
    const {running} = this.rows;
    const isShown = (row: Row) =>
      running.size <= runningAtOnce || !isSmall(row) || row.work.begunAnew;
    const rows = [...running].flatMap(id => this.rows.get(id) ?? []).filter(isShown);
    return rows.sort(compareRows).map(snapshotOf);
  }

  /** Some of the running transfers, in queue order, because thousands of small ones may run. */
  firstRunning(most: number): TransferSnapshot[] {
    const ids = [...this.rows.running.values().take(Math.max(most, runningAtOnce))];
    const rows = ids.flatMap(id => this.rows.get(id) ?? []).sort(compareRows);
    return rows.slice(0, most).map(snapshotOf);
  }

  /** The transfers that wait for room on the disk, in queue order. */
  get withoutRoom(): TransferSnapshot[] {
    return this.rows.withoutRoom.map(snapshotOf);
  }

  /** The transfers that have waited longest for room, at most `most`, because there may be thousands. */
  firstWithoutRoom(most: number): TransferSnapshot[] {
    return this.rows.firstWithoutRoom(most).map(snapshotOf);
  }

  /** One transfer, if it has ended, for a reader that needs it only once. For other transfers no object is made. */
  ended(id: number): TransferSnapshot | undefined {
    const state = this.rows.peek(id)?.state;
    const row = state !== undefined && isSettled(state) ? this.rows.get(id) : undefined;
    return row === undefined ? undefined : newSnapshotOf(row);
  }

  /** Whether the transfer exists and was not cleared. */
  has(id: number): boolean {
    return this.rows.peek(id) !== undefined;
  }

  /** The current transfer; undefined if it was cleared. */
  transfer(id: number): TransferSnapshot | undefined {
    const row = this.rows.get(id);
    return row === undefined ? undefined : snapshotOf(row);
  }

  /**
   * Calls `listener` soon after a state changes, and 4 times a second while bytes arrive, with the ids of the transfers
   * that have changed since its last call.
   *
   * @returns a function that removes the listener.
   */
  subscribe(listener: ChangeListener): () => void {
    return this.publisher.subscribe(listener);
  }

  /**
   * Calls `listener` with facts that users should know although the transfer goes well, such as a time that the disk
   * cannot store. Each kind is reported once. Names in the text are not safe to show as they are.
   *
   * @returns a function that removes the listener.
   */
  onNotice(listener: (text: string) => void): () => void {
    this.#noticeListeners.add(listener);
    return () => this.#noticeListeners.delete(listener);
  }

  protected tellNotice(text: string): void {
    for (const listener of this.#noticeListeners) {
      listener(text);
    }
  }
}

/** The sum of the counts of `some` and `others`. */
function together(some: Readonly<RowCounts>, others: Readonly<RowCounts> = noRows()): RowCounts {
  return {
    active: some.active + others.active,
    queued: some.queued + others.queued,
    waiting: some.waiting + others.waiting,
    paused: some.paused + others.paused,
    failed: some.failed + others.failed,
    done: some.done + others.done,
    canceled: some.canceled + others.canceled,
  };
}
