/**
 * Shows the rows of a queue that another process works on, as that process writes them, and passes the user's wishes on
 * to it.
 *
 * The worker writes at most twice a second. A companion shows half of the newly received bytes of a transfer at once
 * and the rest a moment later: so its display moves four times a second, and never shows more than has arrived.
 */
import {JangadaError} from '../../../protocol/errors.ts';
import type {QueueStore} from '../database/queue-store.ts';
import type {StoredTransfer} from '../database/stored-transfer.ts';
import {blocksOfRuns} from '../terms/block-runs.ts';
import type {BlockView} from '../terms/block-view.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {isRunning} from '../terms/transfer-state.ts';
import type {Wish} from '../terms/wish.ts';
import {fetchedBytes, newRow, type Row, rowAfter, rowFromStore} from './rows/row.ts';
import type {RowChanges} from './rows/row-changes.ts';
import type {Rows} from './rows/rows.ts';
import {MovingAverage} from './work/moving-average.ts';

const historyLength = 32;

export class Companion {
  readonly #rows: Rows;
  readonly #changes: RowChanges;
  readonly #store: QueueStore;
  readonly #server: string;
  /** Rows as they were read; for a moment, fewer bytes are shown. */
  readonly #toShow = new Map<number, Row>();
  /** Wishes that could not be written, the oldest first. */
  #unwritten: Wish[] = [];
  #history: readonly number[] = [];
  #speed = new MovingAverage();
  /** Fetched bytes, as shown, since the last tick. */
  #fetched = 0;
  #lastMs = performance.now();

  /** @param server the server of the queue, as `host:port`. */
  constructor(rows: Rows, changes: RowChanges, store: QueueStore, server: string) {
    this.#rows = rows;
    this.#changes = changes;
    this.#store = store;
    this.#server = server;
  }

  /** The total speed of the bytes as shown here, in bytes a second. */
  get bytesPerSecond(): number {
    return this.#speed.bytesPerSecond;
  }

  /** The speed at each of the last ticks, oldest first. */
  get speedHistory(): readonly number[] {
    return this.#history;
  }

  /** The blocks of a running file, as the worker last wrote them. */
  blocksOf(id: number): BlockView | undefined {
    const runs = this.#rows.get(id)?.work.blocks;
    return runs === undefined ? undefined : blocksOfRuns(runs);
  }

  /** Wishes that could not be written yet. */
  get unwritten(): readonly Wish[] {
    return this.#unwritten;
  }

  /**
   * Add transfers to the database, at the end of the queue.
   *
   * @throws JangadaError `local_io` if the database cannot be written.
   */
  add(transfers: readonly NewTransfer[]): Row[] {
    const places = this.#tryToAdd(transfers);
    return transfers.flatMap((transfer, index) => {
      const place = places[index];
      return place === undefined ? [] : newRow(place.id, place.position, transfer);
    });
  }

  #tryToAdd(transfers: readonly NewTransfer[]): {id: number; position: number}[] {
    try {
      return this.#store.add(this.#server, transfers);
    } catch (cause) {
      const message = 'The queue cannot be written now, and nothing was added: try again';
      throw new JangadaError('local_io', message, {cause});
    }
  }

  /** Pass a wish on to the worker. If it cannot be written now, each later call of `write` tries again. */
  wish(wish: Wish): void {
    this.#unwritten.push(wish);
    this.write();
  }

  /** The last wish to cancel or retry a transfer that the worker has not carried out yet. */
  lastWord(id: number): 'cancel' | 'retry' | undefined {
    return [...this.#written(), ...this.#unwritten]
      .flatMap(wish =>
        (wish.do === 'cancel' || wish.do === 'retry') &&
        Array.isArray(wish.which) &&
        wish.which.includes(id)
          ? wish.do
          : [],
      )
      .at(-1);
  }

  /** Wishes of all processes that the worker has not carried out yet, the oldest first. */
  #written(): Wish[] {
    try {
      return this.#store.wishes.open(this.#server).map(({wish}) => wish);
    } catch {
      // The database cannot be read now.
      return [];
    }
  }

  /** Write the unwritten wishes. @returns whether any was written. */
  write(): boolean {
    const before = this.#unwritten;
    try {
      for (let [wish] = this.#unwritten; wish !== undefined; [wish] = this.#unwritten) {
        this.#store.wishes.make(this.#server, wish);
        this.#unwritten = this.#unwritten.slice(1);
      }
    } catch {
      // The disk is full, or another process has locked the database: the wishes stay in `unwritten`.
    }

    return this.#unwritten !== before;
  }

  /** Remove and return the wishes that the worker never got, because this process is the worker now. */
  takeUnwritten(): Wish[] {
    const wishes = this.#unwritten;
    this.#unwritten = [];
    return wishes;
  }

  /** A quarter of a second has passed: show the rest of the bytes. */
  tick(): void {
    if (this.#toShow.size > 0) {
      this.#show([...this.#toShow.values()]);
      this.#toShow.clear();
    }

    const nowMs = performance.now();
    const seconds = Math.max(0.001, (nowMs - this.#lastMs) / 1000);
    this.#lastMs = nowMs;
    if (this.#rows.counts.active > 0) {
      this.#speed.add(this.#fetched, seconds);
      this.#history = [...this.#history, Math.max(0, this.#fetched / seconds)].slice(
        -historyLength,
      );
    } else {
      this.#speed = new MovingAverage();
    }

    this.#fetched = 0;
  }

  /** Show rows in their current state. */
  #show(rows: readonly Row[]): void {
    for (const row of rows) {
      const before = this.#rows.get(row.id);
      // Bytes of a row that is read for the first time arrived at an unknown time before.
      this.#fetched += before === undefined ? 0 : fetchedBytes(row) - fetchedBytes(before);
    }

    this.#changes.put(rows);
  }

  /** Take over rows from the database. */
  take(transfers: readonly StoredTransfer[]): void {
    const cleared: number[] = [];
    const changed: Row[] = [];
    for (const stored of transfers) {
      const before = this.#rows.get(stored.id);
      this.#toShow.delete(stored.id);
      if (stored.removed) {
        cleared.push(stored.id);
      } else if (before === undefined) {
        changed.push(rowFromStore(stored));
      } else {
        changed.push(this.#half(before, rowAfter(before, {type: 'stored', stored})));
      }
    }

    if (changed.length > 0) {
      this.#show(changed);
    }

    if (cleared.length > 0) {
      this.#changes.clear(cleared);
    }
  }

  /** While the transfer runs: the bytes before, plus half of the bytes gained since. */
  #half(before: Row, after: Row): Row {
    const from = before.work.receivedBytes;
    const to = after.work.receivedBytes;
    if (!isRunning(before.state) || !isRunning(after.state) || to <= from) {
      return after;
    }

    this.#toShow.set(after.id, after);
    const receivedBytes = Math.floor((from + to) / 2);
    const verifiedBytes = Math.min(after.work.verifiedBytes, receivedBytes);
    const reusedBytes = Math.min(after.work.reusedBytes, verifiedBytes);
    const copiedBytes = Math.min(after.work.copiedBytes, reusedBytes);
    // The block map lags too, so that it never shows more than the numbers beside it.
    const {blocks} = before.work;
    return {
      ...after,
      work: {...after.work, receivedBytes, verifiedBytes, reusedBytes, copiedBytes, blocks},
    };
  }
}
