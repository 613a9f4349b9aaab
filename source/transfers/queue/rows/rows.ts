/**
 * The rows of a queue in their order. Values that are often needed are kept up to date instead of computed: the number
 * of rows in each state, the first row that can start, the first unsettled row.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import {movePlace, type Placed} from '../../database/move-place.ts';
import {NameTable} from '../../hashing/name-table.ts';
import {isSettled, type TransferState} from '../../terms/transfer-state.ts';
import {nextRows} from './next-rows.ts';
import type {Row, Turn} from './row.ts';
import type {ByteTotals} from './row-bytes.ts';
import {RowCounter, type RowCounts} from './row-counter.ts';
import {RowMap} from './row-map.ts';
import {compareRows, FirstRow, RowOrder} from './row-order.ts';
import {RowTargets} from './row-targets.ts';

export class Rows {
  readonly targets = new RowTargets(id => this.#byId.get(id));
  readonly #counter = new RowCounter();
  readonly #byId = new RowMap();
  readonly #order = new RowOrder(this.#byId);
  /** The latest row of each remote path; built at the first call of `find`. */
  #byPath: NameTable | undefined;
  /** Paths that have more than one row. */
  #several = new NameTable();
  #lastPosition = 0;
  readonly #firstQueued = new FirstRow(this.#order, ({state}) => state.name === 'queued');
  readonly #firstOpen = new FirstRow(this.#order, ({state}) => !isSettled(state));

  /** Ids of all rows in queue order: by priority, then by position. */
  get ids(): readonly number[] {
    return this.#order.ids;
  }

  /** Ids of the rows in a state for which `holds` is true, in queue order; only of rows in `among`, if given. */
  idsIn(holds: (state: TransferState) => boolean, among = this.ids): number[] {
    return among.filter(id => {
      const turn = this.#byId.peek(id);
      return turn !== undefined && holds(turn.state);
    });
  }

  /** All rows in queue order. */
  get all(): Iterable<Row> {
    return this.#order;
  }

  /** The rows from index `from` up to but not including `to`. */
  slice(from = 0, to?: number): Row[] {
    return this.#order.slice(from, to);
  }

  get counts(): Readonly<RowCounts> {
    return this.#counter.counts;
  }

  /** Bytes of all rows. */
  get bytes(): ByteTotals {
    return this.#counter.bytes.totals;
  }

  get size(): number {
    return this.#order.length;
  }

  /** Ids of the running rows. */
  get running(): ReadonlySet<number> {
    return this.#counter.running;
  }

  /** The highest position that a row has had; 0 if there were no rows. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  get(id: number): Row | undefined {
    return this.#byId.get(id);
  }

  /** The transfer of that file; the latest one, if there are several. */
  find(path: RemotePath): Row | undefined {
    if (this.#byPath === undefined) {
      this.#byPath = new NameTable();
      for (const row of this.#order) {
        this.#know(row);
      }
    }

    const row = this.#byId.get(this.#byPath.get(path) ?? -1);
    return row?.transfer.remotePath === path ? row : undefined;
  }

  /** The part of a row that decides about its turn, without creating a record. */
  peek(id: number): Turn | undefined {
    return this.#byId.peek(id);
  }

  /** Index of a row in queue order; -1 if it does not exist. */
  indexOf(id: number): number {
    const row = this.#byId.get(id);
    return row === undefined ? -1 : this.#order.placeOf(row);
  }

  /** Index of the first unsettled row; -1 if all are settled. */
  get firstOpen(): number {
    const {index} = this.#firstOpen;
    return index < this.size ? index : -1;
  }

  /** Insert rows by their priorities and positions. A row with a known id replaces the former row. */
  put(rows: readonly Row[]): void {
    for (const row of rows) {
      this.putOne(this.#byId.get(row.id), row);
    }
  }

  /** The same for one row, given its former record. */
  putOne(before: Row | undefined, row: Row): void {
    if (before === undefined) {
      this.#know(row);
      this.#counter.count(row, 1);
    } else {
      this.#counter.change(before, row);
    }

    if (before === undefined || compareRows(before, row) !== 0) {
      this.#order.put(row, before === undefined);
    }

    this.#byId.set(row.id, row);
    this.#firstQueued.see(row);
    this.#firstOpen.see(row);
    this.#lastPosition = Math.max(this.#lastPosition, row.position);
  }

  /** Remove rows, all in one pass. */
  forget(ids: Iterable<number>): void {
    const forgotten = new Set(ids);
    this.#order.remove(forgotten);
    for (const id of forgotten) {
      const row = this.#byId.get(id);
      if (row !== undefined) {
        this.#byId.set(id, undefined);
        this.targets.forget(row);
        this.#counter.count(row, -1);
        this.#forgetPath(row.transfer.remotePath);
      }
    }
  }

  /**
   * New positions that move a row by `by` places among the unsettled rows of its priority (negative: towards the
   * front).
   */
  placesToMove(id: number, by: number): readonly Placed[] {
    const row = this.#byId.get(id);
    if (row === undefined) {
      return [];
    }

    const near = this.#order.equalsAround(row, Math.abs(by) + 1);
    const {changed} = movePlace(near, near.indexOf(row), by);
    if (changed.length <= 1) {
      return changed;
    }

    // There is no number between the positions of two rows: all rows get new positions.
    const equals = this.#order.equalsAround(row, this.size);
    return movePlace(equals, equals.indexOf(row), by).changed;
  }

  /** Place of a row, from 1, among the unsettled rows of its priority (and itself). */
  placeAmongEquals(id: number): {place: number; of: number} | undefined {
    const row = this.#byId.get(id);
    if (row === undefined) {
      return undefined;
    }

    const equals = this.#order.ids.filter(other => {
      const {priority, state} = this.#byId.peek(other) ?? row;
      return other === id || (priority === row.priority && !isSettled(state));
    });
    return {place: equals.indexOf(id) + 1, of: equals.length};
  }

  /**
   * The rows to start next: one larger file, or small ones that run together; empty if there are none.
   *
   * @param slots number of larger files or groups that run at once.
   * @param isTaken whether previous work on a row that is queued again has not ended yet.
   */
  next(slots: number, isTaken: (id: number) => boolean): Row[] {
    const {queued} = this.counts;
    return nextRows(this.#order, {from: this.#firstQueued.index, queued, slots, isTaken});
  }

  /** Rows that wait for room on the disk, in queue order. */
  get withoutRoom(): readonly Row[] {
    return [...this.#counter.waiting].flatMap(id => this.#byId.get(id) ?? []).sort(compareRows);
  }

  /** The same in the order in which they began to wait, at most `most`. */
  firstWithoutRoom(most: number): Row[] {
    const ids = [...this.#counter.waiting.values().take(most)];
    return ids.flatMap(id => this.#byId.get(id) ?? []);
  }

  #know(row: Row): void {
    const {remotePath} = row.transfer;
    const known = this.#byPath?.get(remotePath);
    if (known !== undefined) {
      this.#several.set(remotePath, 1);
    }

    if (known === undefined || known <= row.id) {
      this.#byPath?.set(remotePath, row.id);
    }
  }

  #forgetPath(path: RemotePath): void {
    if (this.#byPath === undefined) {
      return;
    }

    if (this.#several.get(path) === undefined) {
      this.#byPath.delete(path);
    } else {
      // Another transfer of that file may exist.
      this.#byPath = undefined;
      this.#several = new NameTable();
    }
  }
}
