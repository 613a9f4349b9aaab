/**
 * The queue on the screen: the rows in the window, and the row with the cursor. A queue that fits is shown by kind,
 * beginning with the running transfers. A longer one is folded while the cursor follows the work, and shown in its own
 * order once the user moves the cursor.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Queue, QueueTotals, TransferSnapshot} from '../../../transfers/queue/queue.ts';
import type {Repainter} from '../repainter.ts';
import {fitViewport, type Move, moveCursor, type Viewport} from '../viewport.ts';
import {byKind, type Fold, foldQueue} from './queue-fold.ts';

export type TransfersView = {
  readonly rows: readonly TransferSnapshot[];
  /** For the id of a row, the number of other transfers of its kind that it stands for: those have no row. */
  readonly more: ReadonlyMap<number, number>;
  /** Which of `rows` has the cursor; -1 if there are none. */
  readonly cursor: number;
  /** Position of the cursor among all transfers, from 1. */
  readonly position: number;
  /** Grows with each tick while something runs, to animate the signs. */
  readonly turn: number;
  readonly queue: QueueTotals;
  /** Whether the details of the transfer under the cursor are shown. */
  readonly isOpened: boolean;
};

/** Only the rows of the window are read from the queue: it may have 100,000. */
type ShownQueue = Pick<
  Queue,
  'totals' | 'size' | 'slice' | 'indexOf' | 'firstUnsettled' | 'firstRunning' | 'find' | 'subscribe'
>;

/** Rows before and after the first unsettled one that are searched for other kinds. */
const near = {before: 500, behind: 1500};

/** Most rows for transfers that are done or canceled, while the pane has no focus. */
const mostSettled = 3;

const noMore: ReadonlyMap<number, number> = new Map();

export class TransferList {
  readonly #queue: ShownQueue;
  readonly #repainter: Repainter;
  readonly #unsubscribe: () => void;
  #viewport: Viewport = {cursor: 0, offset: 0};
  // The transfer that the cursor stays on; undefined while the cursor follows the work.
  #current: number | undefined;
  // Whether the cursor was sent to the end while rows were still being read: it stays at the end as they come.
  #toBottom = false;
  #height = 5;
  // The largest number of rows with content since the queue was idle last.
  #worthMost = 0;
  #turn = 0;
  #isOpened = false;
  #view: TransfersView | undefined;

  constructor(queue: ShownQueue, repainter: Repainter) {
    this.#queue = queue;
    this.#repainter = repainter;
    // The queue groups changes, so each call deserves a picture.
    this.#unsubscribe = queue.subscribe(() => this.#take());
    this.#weigh();
  }

  /** Transfers in the queue, including those that are still being read. */
  get total(): number {
    return this.#queue.totals().total;
  }

  /**
   * Rows with content: not more than a few of transfers that are done or canceled. While the queue works the number
   * never shrinks, so that no row moves when a file is done.
   */
  get worthShowing(): number {
    return Math.min(this.#worthMost, this.total);
  }

  /** The transfer of that file; the latest if there are several. */
  find(path: RemotePath): TransferSnapshot | undefined {
    return this.#queue.find(path);
  }

  /** The transfer under the cursor in the last picture, wherever it is in the queue now. */
  current(): TransferSnapshot | undefined {
    const {rows, cursor} = this.view();
    return rows[cursor];
  }

  move(move: Move): void {
    if (this.#fits) {
      const {rows, cursor} = this.view();
      const moved = moveCursor({cursor, offset: 0}, move, rows.length, this.#height);
      this.#current = rows[moved.cursor]?.id;
      this.#changed();
      return;
    }

    // The transfer may have moved since the last picture: the cursor moves from its new position.
    this.#current = this.current()?.id;
    this.#follow();
    const {size} = this.#queue;
    this.#toBottom = 'to' in move && move.to === 'bottom' && size < this.#queue.totals().total;
    this.#viewport = moveCursor(this.#viewport, move, size, this.#height);
    this.#current = this.#atCursor;
    this.#changed();
  }

  /** Move the cursor to the transfer that is drawn on `line`. @returns its id; undefined if there is none. */
  pointAt(line: number): number | undefined {
    const id = this.view().rows[line]?.id;
    if (id !== undefined) {
      const cursor = this.#queue.indexOf(id);
      this.#current = id;
      this.#toBottom = false;
      // In queue order the cursor keeps its line, if that is possible.
      const {size} = this.#queue;
      this.#viewport = fitViewport({cursor, offset: cursor - line}, size, this.#height);
      this.#changed();
    }

    return id;
  }

  /** Keep the cursor on its transfer from now on, even if the user never moved it. */
  hold(): void {
    this.#current = this.current()?.id;
    this.#follow();
    this.#changed();
  }

  /** Show or hide the details of the transfer under the cursor. While they are shown they follow the cursor. */
  toggleDetails(): void {
    this.#isOpened = !this.#isOpened && this.current() !== undefined;
    this.hold();
  }

  /** @returns whether details were on the screen. */
  closeDetails(): boolean {
    const wasOpened = this.#isOpened;
    this.#isOpened = false;
    if (wasOpened) {
      this.#changed();
    }

    return wasOpened;
  }

  /** Let the cursor follow the work again. */
  release(): void {
    this.#isOpened = false;
    this.#current = undefined;
    this.#toBottom = false;
    this.#follow();
    this.#changed();
  }

  /** @param height the height of the pane. */
  resize(height: number): void {
    if (height !== this.#height) {
      this.#height = height;
      this.#follow();
      this.#changed();
    }
  }

  close(): void {
    this.#unsubscribe();
  }

  #weigh(): void {
    const {total, active, queued, done, canceled} = this.#queue.totals();
    const settled = done + canceled;
    const worth = total - settled + Math.min(settled, mostSettled);
    this.#worthMost = active + queued > 0 ? Math.max(worth, this.#worthMost) : worth;
  }

  #take(): void {
    this.#weigh();
    this.#turn++;
    this.#follow();
    this.#changed();
  }

  /** Whether the whole queue fits. */
  get #fits(): boolean {
    return this.#queue.totals().total <= this.#height;
  }

  /** Keep the cursor on its transfer, wherever it is now. */
  #follow(): void {
    const {size} = this.#queue;
    const {cursor, offset} = this.#viewport;
    if (this.#toBottom) {
      this.#viewport = moveCursor(this.#viewport, {to: 'bottom'}, size, this.#height);
      this.#current = this.#atCursor;
      this.#toBottom = size < this.#queue.totals().total;
      return;
    }

    if (this.#current === undefined) {
      return;
    }

    const index = this.#queue.indexOf(this.#current);
    // If the transfer was cleared, the cursor stays at its position, on another transfer.
    this.#viewport = fitViewport(
      index === -1 ? this.#viewport : {cursor: index, offset: offset + index - cursor},
      size,
      this.#height,
    );
    this.#current = this.#atCursor;
  }

  get #atCursor(): number | undefined {
    const {cursor} = this.#viewport;
    return this.#queue.slice(cursor, cursor + 1)[0]?.id;
  }

  #changed(): void {
    this.#view = undefined;
    this.#repainter.now();
  }

  view(): TransfersView {
    this.#view ??= this.#compose();
    return this.#view;
  }

  #compose(): TransfersView {
    const queue = this.#queue.totals();
    const {rows, more} = this.#shown();
    const id = this.#current ?? rows[0]?.id ?? -1;
    return {
      rows,
      more,
      cursor: Math.max(
        rows.findIndex(row => row.id === id),
        rows.length === 0 ? -1 : 0,
      ),
      position: this.#queue.indexOf(id) + 1,
      turn: this.#turn,
      queue,
      isOpened: this.#isOpened && rows.length > 0,
    };
  }

  #shown(): Fold {
    const queue = this.#queue;
    if (this.#fits) {
      return {rows: byKind(queue.slice(0)), more: noMore};
    }

    if (this.#current !== undefined) {
      const {offset} = this.#viewport;
      return {rows: queue.slice(offset, offset + this.#height), more: noMore};
    }

    const first = queue.firstUnsettled;
    const at = first === -1 ? queue.size : first;
    return foldQueue(
      queue.totals(),
      queue.firstRunning(this.#height),
      queue.slice(Math.max(0, at - near.before), at + near.behind),
      this.#height,
    );
  }
}
