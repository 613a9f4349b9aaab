/**
 * The queue on the screen: the rows in the window, and the one that has the cursor. A queue that fits
 * is shown by kind, what runs first. A longer one is folded while the cursor follows the work, and in
 * its own order once the cursor is moved.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Queue, QueueTotals, TransferSnapshot} from '../../../transfers/queue/queue.ts';
import type {Repainter} from '../repainter.ts';
import {fitViewport, type Move, moveCursor, type Viewport} from '../viewport.ts';
import {byKind, type Fold, foldQueue} from './queue-fold.ts';

export type TransfersView = {
  readonly rows: readonly TransferSnapshot[];
  /** By the id of a row, how many others of its kind it stands for: those have no row of their own. */
  readonly more: ReadonlyMap<number, number>;
  /** Which of `rows` has the cursor; -1 if there are none. */
  readonly cursor: number;
  /** Position of the cursor among all, from 1. */
  readonly position: number;
  /** Grows with each tick while something runs: signs of life turn with it. */
  readonly turn: number;
  readonly queue: QueueTotals;
  /** Whether the details of the transfer under the cursor are shown. */
  readonly isOpened: boolean;
};

/** The queue is asked for the rows of the window alone: it may have 100,000. */
type ShownQueue = Pick<
  Queue,
  'totals' | 'size' | 'slice' | 'indexOf' | 'firstUnsettled' | 'firstRunning' | 'find' | 'subscribe'
>;

/** Rows before and behind the first that is not settled, among which others are looked for. */
const near = {before: 500, behind: 1500};

/** Rows that transfers which are done or canceled take while the keys go elsewhere. */
const mostSettled = 3;

const noMore: ReadonlyMap<number, number> = new Map();

export class TransferList {
  readonly #queue: ShownQueue;
  readonly #repainter: Repainter;
  readonly #unsubscribe: () => void;
  #viewport: Viewport = {cursor: 0, offset: 0};
  // The transfer that the cursor stays on; without one the cursor follows the work.
  #current: number | undefined;
  // Whether the cursor was sent to the end while rows were still being read: it goes there with them.
  #toBottom = false;
  #height = 5;
  // Rows that have had something to show since the queue was idle last.
  #worthMost = 0;
  #turn = 0;
  #isOpened = false;
  #view: TransfersView | undefined;

  constructor(queue: ShownQueue, repainter: Repainter) {
    this.#queue = queue;
    this.#repainter = repainter;
    // The queue puts several changes together: each call is worth a picture.
    this.#unsubscribe = queue.subscribe(() => this.#take());
    this.#weigh();
  }

  /** Transfers in the queue, those that are still being read among them. */
  get total(): number {
    return this.#queue.totals().total;
  }

  /**
   * Rows that have something to show: of transfers that are done or canceled, some. While the queue works they do
   * not become fewer, so that no row moves with each file that is done.
   */
  get worthShowing(): number {
    return Math.min(this.#worthMost, this.total);
  }

  /** The transfer of that file, the latest if there are several. */
  find(path: RemotePath): TransferSnapshot | undefined {
    return this.#queue.find(path);
  }

  /** The transfer under the cursor in the last picture, wherever it stands in the queue by now. */
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

    // The transfer may have moved since the last picture: the cursor starts from its new place.
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
      // In the order of the queue it keeps its line, if that is possible.
      const {size} = this.#queue;
      this.#viewport = fitViewport({cursor, offset: cursor - line}, size, this.#height);
      this.#changed();
    }

    return id;
  }

  /** Keep the cursor on its transfer from now on, though it was never moved. */
  hold(): void {
    this.#current = this.current()?.id;
    this.#follow();
    this.#changed();
  }

  /** Show the details of the transfer under the cursor, and of those that it is moved to; or hide them. */
  toggleDetails(): void {
    this.#isOpened = !this.#isOpened && this.current() !== undefined;
    this.hold();
  }

  /** @returns whether there were details on the screen. */
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

  /** @param height rows that the pane has room for. */
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

  /** Whether all of the queue has room. */
  get #fits(): boolean {
    return this.#queue.totals().total <= this.#height;
  }

  /** Keep the cursor on its transfer, wherever that has gone. */
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
    // A transfer that was cleared leaves the cursor where it was, on another.
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
