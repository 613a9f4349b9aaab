/** A queue as readers see it: totals from the first moment on, and the transfers that are read by now. */
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

/** Figures about all transfers, right from the first moment: while a long queue is read, too. */
export type QueueTotals = {
  /** Transfers in the queue, in whatever state. */
  readonly total: number;
  readonly active: number;
  readonly queued: number;
  /** For room on the disk. */
  readonly waiting: number;
  /** By a user. */
  readonly paused: number;
  readonly failed: number;
  readonly done: number;
  readonly canceled: number;
  /** Bytes of all that are wanted: of all but the canceled ones. */
  readonly bytes: ByteTotals;
  readonly bytesPerSecond: number;
  readonly limits: Limits;
  /** Total speed at the last ticks (4 a second), oldest first, at most 32. */
  readonly speedHistory: readonly number[];
  /** The process that works on the queue, if it is another one. */
  readonly worker: Holder | undefined;
  /** Words for that process that could not be written into the database yet. */
  readonly unwritten: number;
};

export type QueueSnapshot = QueueTotals & {
  /** In queue order. A row whose transfer has not changed is the same object as before. */
  readonly rows: readonly TransferSnapshot[];
};

/** The figures that are not counted from the rows; `unread`: transfers that are not read yet. */
export type Figures = Pick<
  QueueTotals,
  'bytesPerSecond' | 'speedHistory' | 'limits' | 'worker' | 'unwritten'
> & {unread: Pick<Unread, 'counts' | 'bytes' | 'total'> | undefined};

/** More larger files than this never run at once. */
const runningAtOnce = 64;

export abstract class QueueView {
  protected readonly rows = new Rows();
  protected readonly publisher = new Publisher(() => {
    this.#snapshot = undefined;
    this.#totals = undefined;
  });
  #snapshot: QueueSnapshot | undefined;
  #totals: QueueTotals | undefined;

  /** Ids of the transfers that can be told so, in queue order. */
  protected concerned(wish: Wish): number[] {
    return this.rows.idsIn(state => concerns(wish, state));
  }

  readonly #noticeListeners = new Set<(text: string) => void>();

  protected abstract get figures(): Figures;

  /**
   * Immutable; the same object until something changes. It has an object for each transfer: who
   * shows some of them asks for `totals` and `slice`.
   */
  snapshot(): QueueSnapshot {
    this.#snapshot ??= {...this.totals(), rows: this.slice(0)};
    return this.#snapshot;
  }

  /** Immutable; the same object until something changes. */
  totals(): QueueTotals {
    const {unread, ...figures} = this.figures;
    const total = this.rows.size + (unread?.total ?? 0);
    // Not every slice that is read is announced, and one may hold transfers added since the count.
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

  /** How many transfers can be shown by now: fewer than in total while a long queue is read. */
  get size(): number {
    return this.rows.size;
  }

  /** Transfers as they are now, in queue order, from index `from` up to and without `to`. */
  slice(from: number, to?: number): TransferSnapshot[] {
    return this.rows.slice(from, to).map(snapshotOf);
  }

  /** Index of a transfer in queue order; -1 if it was cleared. */
  indexOf(id: number): number {
    return this.rows.indexOf(id);
  }

  /** Index of the first transfer that is not over; -1 if all are. */
  get firstUnsettled(): number {
    return this.rows.firstOpen;
  }

  /** The transfer of that file as it is now, the latest if there are several. */
  find(path: RemotePath): TransferSnapshot | undefined {
    const row = this.rows.find(path);
    return row === undefined ? undefined : snapshotOf(row);
  }

  /**
   * The transfers that are worked on, in queue order. Where they are many, without small files that nothing is
   * to be said of: thousands run at once, and an object for each with every update would cost more than to fetch them.
   */
  get running(): TransferSnapshot[] {
    const {running} = this.rows;
    const isShown = (row: Row) =>
      running.size <= runningAtOnce || !isSmall(row) || row.work.begunAnew;
    const rows = [...running].flatMap(id => this.rows.get(id) ?? []).filter(isShown);
    return rows.sort(compareRows).map(snapshotOf);
  }

  /** Some of the transfers that are worked on, in queue order: there may be thousands of small ones. */
  firstRunning(most: number): TransferSnapshot[] {
    const ids = [...this.rows.running.values().take(Math.max(most, runningAtOnce))];
    const rows = ids.flatMap(id => this.rows.get(id) ?? []).sort(compareRows);
    return rows.slice(0, most).map(snapshotOf);
  }

  /** The transfers that wait for room on the disk, in queue order. */
  get withoutRoom(): TransferSnapshot[] {
    return this.rows.withoutRoom.map(snapshotOf);
  }

  /** The first that began to wait for room, so many at most: there may be thousands. */
  firstWithoutRoom(most: number): TransferSnapshot[] {
    return this.rows.firstWithoutRoom(most).map(snapshotOf);
  }

  /** One transfer, if it is over: for a reader that looks at it once. Nothing is made for one that is not. */
  ended(id: number): TransferSnapshot | undefined {
    const state = this.rows.peek(id)?.state;
    const row = state !== undefined && isSettled(state) ? this.rows.get(id) : undefined;
    return row === undefined ? undefined : newSnapshotOf(row);
  }

  /** Whether there is such a transfer: it was not cleared. */
  has(id: number): boolean {
    return this.rows.peek(id) !== undefined;
  }

  /** One transfer as it is now; undefined if it was cleared. */
  transfer(id: number): TransferSnapshot | undefined {
    const row = this.rows.get(id);
    return row === undefined ? undefined : snapshotOf(row);
  }

  /**
   * Calls `listener` soon after a state changes, and 4 times a second while bytes come, with the ids
   * of the transfers that have changed since it was called last.
   *
   * @returns a function that ends it.
   */
  subscribe(listener: ChangeListener): () => void {
    return this.publisher.subscribe(listener);
  }

  /**
   * Hear what users should know of a transfer although it goes well, such as a time that the disk cannot
   * hold; each kind is said once. Names in the text are not safe to show as they are.
   *
   * @returns a function that ends that.
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

/** The counts of `some` and `others`. */
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
