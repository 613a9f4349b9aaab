/**
 * Writes the rows of a queue into its database: twice a second at most while they change, and at
 * once when a user has asked for something. A write that fails, because the disk is full or another process
 * holds the database, is done later: nothing is dropped before it is written.
 */
import type {QueueStore} from '../database/queue-store.ts';
import type {SavedTransfer} from '../database/saved-transfer.ts';
import {runsOf} from '../terms/block-runs.ts';
import type {BlockView} from '../terms/block-view.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {isRunning, isSettled} from '../terms/transfer-state.ts';
import type {WishAnswer} from '../terms/wish.ts';
import {newRow, type Row, rowFromStore, savedTransfer} from './rows/row.ts';
import type {Rows} from './rows/rows.ts';

const writeEveryMs = 500;

/** Rows that are written in one turn of the event loop: it takes some tens of milliseconds. */
const rowsAtOnce = 5000;

/** Ids of transfers that are in no database: far from those that are, and in 32 bits. */
const firstOwnId = 3_000_000_000;

export class Journal {
  readonly #rows: Rows;
  readonly #store: QueueStore;
  readonly #server: string;
  readonly #blocksOf: (id: number) => BlockView | undefined;
  readonly #dirty = new Set<number>();
  /** Rows that the database has as running. */
  readonly #begun = new Set<number>();
  readonly #removed = new Set<number>();
  /** Cleared rows, as they were, which the database does not have like that: they can be brought back. */
  readonly #cleared = new Map<number, Row>();
  /** Cleared rows that are back, of which the database does not know. */
  readonly #restored = new Set<number>();
  readonly #carriedOut = new Map<number, WishAnswer>();
  /** Ids in the database of transfers that were added when it could not be written, and back. */
  readonly #storedIds = new Map<number, number>();
  readonly #ownIds = new Map<number, number>();
  /** Ids of transfers that are not in the database. */
  readonly #unstored = new Set<number>();
  #nextId = firstOwnId;
  #timer: NodeJS.Timeout | undefined;
  #wroteAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param server whose queue this is, as `host:port`. The store stays the caller's.
   * @param blocksOf the blocks of a file that is worked on.
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

  /** Whether all rows are written, or soon will be, for the next time. */
  get isKept(): boolean {
    return this.#unstored.size === 0 && this.#store.isThere;
  }

  /** Put transfers into the database at the end of the queue, or keep them until that is possible. */
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

  /** A row is to be written soon. */
  changed({id}: Row): void {
    this.#dirty.add(id);
    this.#soon();
  }

  /**
   * See to it that the database says of a row that it was begun, at once: if this process ends
   * without a word, the next one knows whose the file under the final name may be.
   */
  writeBegun(id: number): void {
    if (!this.#begun.has(id)) {
      this.write();
    }
  }

  /** Rows will be cleared, for every process; they are still there. */
  removed(ids: readonly number[]): void {
    for (const id of ids) {
      const row = this.#rows.get(id);
      this.#restored.delete(id);
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

  /** Rows of the database that were cleared before this process could see them, as they were. */
  recall(ids: readonly number[]): Row[] {
    try {
      return this.#store.readCleared(ids, this.#server).map(rowFromStore);
    } catch {
      // It cannot be read now: nothing comes back, and nothing is lost.
      return [];
    }
  }

  /** Cleared rows are back, for every process. */
  restored(ids: readonly number[]): void {
    for (const id of ids) {
      this.#removed.delete(id);
      this.#cleared.delete(id);
      this.#restored.add(id);
      this.#dirty.add(id);
    }

    this.#soon();
  }

  /** A wish is carried out. */
  carriedOut(id: number, answer: WishAnswer): void {
    this.#carriedOut.set(id, answer);
  }

  /** Whether a wish is carried out, though the database may not say so yet. */
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

  /** A user has asked for something: write it as soon as all that is asked for now is done. */
  writeNext(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.write(), 0).unref();
  }

  /** Write all changes since the last write. @returns whether nothing is left to write. */
  write(): boolean {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let waitMs = writeEveryMs;
    try {
      this.#storeUnstored();
      this.#save();
      // Of very many the next ones follow at once, after keys and sockets.
      waitMs = 0;
    } catch {
      // The disk is full, or another process holds the database: all of it is written later.
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

  /** One transaction: some thousand rows; with the last of them, removals and answers to wishes. */
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
      // They are worked on all the same, and written when that is possible.
      this.#soon();
      return undefined;
    }
  }

  /** Write transfers that could not be written when they were added and are still to be fetched. */
  #storeUnstored(): void {
    const rows = [...this.#unstored].flatMap(id => this.#rows.get(id) ?? []);
    const left = rows.filter(({state}) => !isSettled(state));
    const places = left.length === 0 ? [] : this.#store.add(this.#server, left.map(toAdd));
    for (const [index, {id}] of left.entries()) {
      const storedId = places[index]?.id ?? id;
      this.#storedIds.set(id, storedId);
      this.#ownIds.set(storedId, id);
      this.#unstored.delete(id);
      this.#dirty.add(id);
    }

    for (const {id, state} of rows) {
      if (isSettled(state)) {
        // It is over, and was never in the database: there is nothing to go on with.
        this.#unstored.delete(id);
        this.#dirty.delete(id);
      }
    }
  }
}

function toAdd({transfer, priority}: Row): NewTransfer {
  return {...transfer, priority};
}
