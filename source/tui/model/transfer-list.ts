/** The queue as it is shown: which of its rows are in the window, and which has the cursor. */
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Queue, QueueSnapshot, TransferSnapshot} from '../../transfers/queue.ts';
import {isSettled} from '../../transfers/transfer-state.ts';
import type {Publisher} from './publisher.ts';
import {fitViewport, type Move, moveCursor, type Viewport} from './viewport.ts';

export type TransfersView = {
  readonly rows: readonly TransferSnapshot[];
  /** Which of `rows` has the cursor; -1 if there are none. */
  readonly cursor: number;
  /** Position of the cursor among all, from 1. */
  readonly position: number;
  readonly queue: QueueSnapshot;
};

export class TransferList {
  readonly #queue: Pick<Queue, 'snapshot' | 'subscribe'>;
  readonly #publisher: Publisher;
  readonly #unsubscribe: () => void;
  readonly #byPath = new Map<RemotePath, TransferSnapshot>();
  #snapshot: QueueSnapshot;
  #viewport: Viewport = {cursor: 0, offset: 0};
  // The transfer that the cursor stays on; without one it goes along with the work.
  #current: number | undefined;
  #height = 5;
  #view: TransfersView | undefined;

  constructor(queue: Pick<Queue, 'snapshot' | 'subscribe'>, publisher: Publisher) {
    this.#queue = queue;
    this.#publisher = publisher;
    this.#snapshot = queue.snapshot();
    this.#index([], this.#snapshot.rows);
    // The queue coalesces by itself: what it tells is worth showing.
    this.#unsubscribe = queue.subscribe(() => this.#take());
  }

  get snapshot(): QueueSnapshot {
    return this.#snapshot;
  }

  /** The transfer of that file, the latest if there are several. */
  find(path: RemotePath): TransferSnapshot | undefined {
    return this.#byPath.get(path);
  }

  current(): TransferSnapshot | undefined {
    return this.#snapshot.rows[this.#viewport.cursor];
  }

  move(move: Move): void {
    this.#viewport = moveCursor(this.#viewport, move, this.#snapshot.rows.length, this.#height);
    this.#current = this.current()?.id;
    this.#changed();
  }

  /** Keep the cursor on its transfer from now on, though it was never moved. */
  hold(): void {
    this.#current = this.current()?.id;
  }

  /** Let the cursor go along with the work again. */
  release(): void {
    this.#current = undefined;
    this.#follow();
    this.#changed();
  }

  /** How many rows there is room for. */
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
    const before = this.#snapshot;
    this.#snapshot = this.#queue.snapshot();
    this.#index(before.rows, this.#snapshot.rows);
    this.#follow();
    this.#changed();
  }

  /** Rows that did not change are the same objects: only the others are looked at. */
  #index(before: readonly TransferSnapshot[], after: readonly TransferSnapshot[]): void {
    if (after.length < before.length) {
      this.#byPath.clear();
      before = [];
    }

    for (const [index, row] of after.entries()) {
      if (before[index] !== row) {
        const known = this.#byPath.get(row.remotePath);
        if (known === undefined || known.id <= row.id) {
          this.#byPath.set(row.remotePath, row);
        }
      }
    }
  }

  /** Keep the cursor on its transfer, wherever that has gone; or on the first that is not settled. */
  #follow(): void {
    const {rows} = this.#snapshot;
    const {cursor, offset} = this.#viewport;
    if (this.#current === undefined) {
      const first = rows.findIndex(row => !isSettled(row.state));
      const last = first === -1 ? rows.length - 1 : first;
      this.#viewport = fitViewport({cursor: last, offset: last}, rows.length, this.#height);
      return;
    }

    const index =
      rows[cursor]?.id === this.#current ? cursor : rows.findIndex(row => row.id === this.#current);
    // A transfer that was cleared leaves the cursor where it was, on another.
    this.#viewport = fitViewport(
      index === -1 ? this.#viewport : {cursor: index, offset: offset + index - cursor},
      rows.length,
      this.#height,
    );
    this.#current = this.current()?.id;
  }

  #changed(): void {
    this.#view = undefined;
    this.#publisher.now();
  }

  view(): TransfersView {
    this.#view ??= this.#compose();
    return this.#view;
  }

  #compose(): TransfersView {
    const {cursor, offset} = this.#viewport;
    const rows = this.#snapshot.rows.slice(offset, offset + this.#height);
    return {
      rows,
      cursor: rows.length === 0 ? -1 : cursor - offset,
      position: cursor + 1,
      queue: this.#snapshot,
    };
  }
}
