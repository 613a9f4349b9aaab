/**
 * Writes the rows of a queue into its database: at most twice a second while they change, and at once after a user's
 * request. If a write fails because the disk is full or another process has locked the database, it is repeated later;
 * nothing is dropped before it is written.
 */
import type {QueueStore} from '../database/queue-store.ts';
import type {SavedTransfer} from '../database/saved-transfer.ts';
import {runsOf} from '../terms/block-runs.ts';
import type {BlockView} from '../terms/block-view.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {isRunning, type TransferState} from '../terms/transfer-state.ts';
import type {WishAnswer} from '../terms/wish.ts';
import {newRow, type Row, rowFromStore, savedTransfer} from './rows/row.ts';
import type {Rows} from './rows/rows.ts';

const writeEveryMs = 500;

/** Rows that are written in one turn of the event loop: some tens of milliseconds. */
const rowsAtOnce = 5000;

/** First id for transfers that are not in the database: far from the ids in the database, and within 32 bits. */
const firstOwnId = 3_000_000_000;

export class Journal {
  readonly #rows: Rows;
  readonly #store: QueueStore;
  readonly #server: string;
  readonly #blocksOf: (id: number) => BlockView | undefined;
  readonly #dirty = new Set<number>();
  /** Rows that are stored as running in the database. */
  readonly #begun = new Set<number>();
  readonly #removed = new Set<number>();
  /** Cleared rows whose latest state is not in the database yet. They can be restored. */
  readonly #cleared = new Map<number, Row>();
  /** Restored rows that are still stored as removed in the database. */
  readonly #restored = new Set<number>();
  readonly #carriedOut = new Map<number, WishAnswer>();
  /**
   * For transfers that were added while the database could not be written: from the id here to the id in the database,
   * and back.
   */
  readonly #storedIds = new Map<number, number>();
  readonly #ownIds = new Map<number, number>();
  /** Ids of transfers that are not in the database yet. */
  readonly #unstored = new Set<number>();
  #nextId = firstOwnId;
  #timer: NodeJS.Timeout | undefined;
  #wroteAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param server the server of the queue, as `host:port`. The caller must close the store.
   * @param blocksOf returns the blocks of a running file.
   */
  constructor(
    rows: Rows,
    store: QueueStore,
    server: string,
    blocksOf: (id: number) => BlockView | undefined = () => undefined,
  ) {
    this.#rows = rows;
    this.#store = store;
    this.#server = server;
    this.#blocksOf = blocksOf;
  }

  /** Whether all rows are in the database or soon will be, so that the queue survives this process. */
  get isKept(): boolean {
    return this.#unstored.size === 0 && this.#store.isThere;
  }

  /** Add transfers to the database at the end of the queue, or keep them here until that is possible. */
  add(transfers: readonly NewTransfer[]): Row[] {
    const places = this.#tryToAdd(transfers);
    let last = places === undefined ? this.#rows.lastPosition : 0;
    return transfers.map((transfer, index) => {
      const {id, position} = places?.[index] ?? {id: this.#nextId++, position: ++last};
      if (places === undefined) {
        this.#unstored.add(id);
      }

      return newRow(id, position, transfer);
    });
  }

  /** A row has changed and must be written soon. */
  changed(row: Row): void {
    this.#noteUnstored(row);
    this.#dirty.add(row.id);
    this.#soon();
  }

  /**
   * Make sure, at once, that the row is stored as begun. If this process then dies, the next one knows that the file
   * under the final name may belong to this transfer.
   */
  writeBegun(id: number): void {
    if (!this.#begun.has(id)) {
      this.write();
    }
  }

  /** Rows are about to be cleared, for every process. They still exist here. */
  removed(ids: readonly number[]): void {
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (this.#unstored.delete(id)) {
        this.#dirty.delete(id);
      } else {
        this.#removed.add(id);
        if (row !== undefined && this.#dirty.has(id)) {
          this.#cleared.set(id, row);
        }
      }
    }

    this.#soon();
  }

  /** Rows that were cleared before this process could see them, read from the database. */
  recall(ids: readonly number[]): Row[] {
    try {
      return this.#store.readCleared(ids, this.#server).map(rowFromStore);
    } catch {
      // The database cannot be read now: nothing is restored, and nothing is lost.
      return [];
    }
  }

  /** Cleared rows were restored, for every process. */
  restored(ids: readonly number[]): void {
    for (const id of ids) {
      this.#removed.delete(id);
      this.#cleared.delete(id);
      this.#restored.add(id);
      this.#dirty.add(id);
      const row = this.#rows.get(id);
      if (row !== undefined) {
        this.#noteUnstored(row);
      }
    }

    this.#soon();
  }

  /** A wish was carried out. */
  carriedOut(id: number, answer: WishAnswer): void {
    this.#carriedOut.set(id, answer);
  }

  /** Whether a wish was carried out, even if its answer is not in the database yet. */
  hasCarriedOut(id: number): boolean {
    return this.#carriedOut.has(id);
  }

  /** Whether a row of the database is here under another id, or was cleared a moment ago. */
  isKnown(storedId: number): boolean {
    return this.#ownIds.has(storedId) || this.#removed.has(storedId);
  }

  /** The id here of a row of the database. */
  ownId(storedId: number): number {
    return this.#ownIds.get(storedId) ?? storedId;
  }

  /** The id in the database of a row here. */
  storedId(id: number): number {
    return this.#storedIds.get(id) ?? id;
  }

  /** A user has requested something: write as soon as the other requests of this turn are done. */
  writeNext(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.write(), 0).unref();
  }

  /** Write all changes since the last write. @returns whether everything is written. */
  write(): boolean {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let waitMs = writeEveryMs;
    try {
      this.#storeUnstored();
      this.#save();
      // If there are more rows, write them next, after keys and sockets.
      waitMs = 0;
    } catch {
      // The disk is full, or another process has locked the database: everything is written later.
    }

    this.#wroteAtMs = performance.now();
    const isWritten = this.#dirty.size + this.#removed.size + this.#carriedOut.size === 0;
    if (!isWritten || this.#unstored.size > 0) {
      this.#timer = setTimeout(() => this.write(), waitMs).unref();
    }

    return isWritten;
  }

  /** Write the remaining changes, and stop. */
  close(): void {
    for (let left = this.#dirty.size; !this.write() && this.#dirty.size < left; ) {
      left = this.#dirty.size;
    }

    clearTimeout(this.#timer);
  }

  /** One transaction with some thousand rows. The last one also writes removals and answers to wishes. */
  #save(): void {
    const ids = [...this.#dirty].slice(0, rowsAtOnce);
    const isLast = ids.length === this.#dirty.size;
    const removed = isLast ? this.#removed : [];
    const carriedOut = isLast ? this.#carriedOut : new Map();
    const rows = ids.flatMap(id => (this.#unstored.has(id) ? [] : (this.#rowOf(id) ?? [])));
    if (rows.length + this.#removed.size + this.#carriedOut.size > 0) {
      this.#store.save({
        restored: rows.flatMap(({id}) => (this.#restored.has(id) ? this.storedId(id) : [])),
        transfers: rows.map(row => ({...this.#saved(row), id: this.storedId(row.id)})),
        removed: [...removed].map(id => this.storedId(id)),
        carriedOut,
      });
    }

    for (const {id, state} of rows) {
      if (isRunning(state)) {
        this.#begun.add(id);
      } else {
        this.#begun.delete(id);
      }
    }

    for (const id of ids) {
      this.#dirty.delete(id);
      this.#cleared.delete(id);
      this.#restored.delete(id);
    }

    if (isLast) {
      this.#removed.clear();
      this.#carriedOut.clear();
    }
  }

  #rowOf(id: number): Row | undefined {
    return this.#rows.get(id) ?? this.#cleared.get(id);
  }

  #saved(row: Row): SavedTransfer {
    const blocks = isRunning(row.state) ? this.#blocksOf(row.id) : undefined;
    return savedTransfer(row, blocks && runsOf(blocks));
  }

  #soon(): void {
    const sinceMs = performance.now() - this.#wroteAtMs;
    this.#timer ??= setTimeout(() => this.write(), Math.max(0, writeEveryMs - sinceMs)).unref();
  }

  #tryToAdd(transfers: readonly NewTransfer[]): {id: number; position: number}[] | undefined {
    try {
      return this.#store.add(this.#server, transfers);
    } catch {
      // The transfers still run, and are written when that is possible.
      this.#soon();
      return undefined;
    }
  }

  /** If the row is not in the database, and a later process would miss it, it must be added there. */
  #noteUnstored({id, state}: Row): void {
    if (id >= firstOwnId && !this.#storedIds.has(id) && !isOver(state)) {
      this.#unstored.add(id);
    }
  }

  /** Write transfers that could not be written when they were added, and are not over. */
  #storeUnstored(): void {
    const rows = [...this.#unstored].flatMap(id => this.#rows.get(id) ?? []);
    const left = rows.filter(({state}) => !isOver(state));
    const places = left.length === 0 ? [] : this.#store.add(this.#server, left.map(toAdd));
    for (const [index, {id}] of left.entries()) {
      const storedId = places[index]?.id ?? id;
      this.#storedIds.set(id, storedId);
      this.#ownIds.set(storedId, id);
      this.#unstored.delete(id);
      this.#dirty.add(id);
    }

    for (const {id, state} of rows) {
      if (isOver(state)) {
        // The transfer is over and was never in the database: there is nothing to store.
        this.#unstored.delete(id);
        this.#dirty.delete(id);
      }
    }
  }
}

/** Whether nobody would miss the transfer if it were not in the database. */
function isOver({name}: TransferState): boolean {
  return name === 'done' || name === 'canceled';
}

function toAdd({transfer, priority}: Row): NewTransfer {
  return {...transfer, priority};
}
