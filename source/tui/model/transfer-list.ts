/** The queue on the screen: the rows in the window, and the one that has the cursor. */
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Queue, QueueTotals, TransferSnapshot} from '../../transfers/queue/queue.ts';
import type {Repainter} from './repainter.ts';
import {fitViewport, type Move, moveCursor, type Viewport} from './viewport.ts';

export type TransfersView = {
  readonly rows: readonly TransferSnapshot[];
  /** Which of `rows` has the cursor; -1 if there are none. */
  readonly cursor: number;
  /** Position of the cursor among all, from 1. */
  readonly position: number;
  readonly queue: QueueTotals;
};

/** The queue is asked for the rows of the window alone: it may have 100,000. */
type ShownQueue = Pick<
  Queue,
  'totals' | 'size' | 'slice' | 'indexOf' | 'firstUnsettled' | 'find' | 'subscribe'
>;

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
  #view: TransfersView | undefined;

  constructor(queue: ShownQueue, repainter: Repainter) {
    this.#queue = queue;
    this.#repainter = repainter;
    // The queue puts several changes together: each call is worth a picture.
    this.#unsubscribe = queue.subscribe(() => this.#take());
  }

  /** Transfers in the queue, those that are still being read among them. */
  get total(): number {
    return this.#queue.totals().total;
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
    // The transfer may have moved since the last picture: the cursor starts from its new place.
    this.#follow();
    const {size} = this.#queue;
    this.#toBottom = 'to' in move && move.to === 'bottom' && size < this.#queue.totals().total;
    this.#viewport = moveCursor(this.#viewport, move, size, this.#height);
    this.#changed();
    this.hold();
  }

  /** Keep the cursor on its transfer from now on, though it was never moved. */
  hold(): void {
    this.#current = this.current()?.id;
  }

  /** Let the cursor follow the work again. */
  release(): void {
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

  #take(): void {
    this.#follow();
    this.#changed();
  }

  /**
   * Keep the cursor on its transfer, wherever that has gone; or on the first that is not
   * settled.
   */
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
      const first = this.#queue.firstUnsettled;
      const last = first === -1 ? size - 1 : first;
      this.#viewport = fitViewport({cursor: last, offset: last}, size, this.#height);
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
    const {cursor, offset} = this.#viewport;
    const rows = this.#queue.slice(offset, offset + this.#height);
    return {
      rows,
      cursor: rows.length === 0 ? -1 : cursor - offset,
      position: cursor + 1,
      queue: this.#queue.totals(),
    };
  }
}
