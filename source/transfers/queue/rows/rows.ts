/**
 * The rows of a queue in their order, with all that is asked of them often kept rather than counted:
 * how many are in which state, the first that can start, the first that is not settled.
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
  /** The latest of each remote path; made when one is asked for. */
  #byPath: NameTable | undefined;
  /** Paths with more than one. */
  #several = new NameTable();
  #lastPosition = 0;
  readonly #firstQueued = new FirstRow(this.#order, ({state}) => state.name === 'queued');
  readonly #firstOpen = new FirstRow(this.#order, ({state}) => !isSettled(state));

  /** Ids of them all, in queue order: by priority, then by place. */
  get ids(): readonly number[] {
    return this.#order.ids;
  }

  /** Ids of those in a state for which `holds` holds, in the same order, or of those `among` others. */
  idsIn(holds: (state: TransferState) => boolean, among = this.ids): number[] {
    return among.filter(id => {
      const turn = this.#byId.peek(id);
      return turn !== undefined && holds(turn.state);
    });
  }

  /** In the same order. */
  get all(): Iterable<Row> {
    return this.#order;
  }

  /** Those from index `from` up to and without `to`. */
  slice(from = 0, to?: number): Row[] {
    return this.#order.slice(from, to);
  }

  get counts(): Readonly<RowCounts> {
    return this.#counter.counts;
  }

  /** Bytes of all of them. */
  get bytes(): ByteTotals {
    return this.#counter.bytes.totals;
  }

  get size(): number {
    return this.#order.length;
  }

  /** Ids of the rows that are worked on. */
  get running(): ReadonlySet<number> {
    return this.#counter.running;
  }

  /** No row has a higher position; 0 if there were none. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  get(id: number): Row | undefined {
    return this.#byId.get(id);
  }

  /** The transfer of that file, the latest if there are several. */
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

  /** What decides about the turn of a row. Nothing is made for it. */
  peek(id: number): Turn | undefined {
    return this.#byId.peek(id);
  }

  /** Index of a row in queue order; -1 if there is none. */
  indexOf(id: number): number {
    const row = this.#byId.get(id);
    return row === undefined ? -1 : this.#order.placeOf(row);
  }

  /** Index of the first row that is not settled; -1 if all are. */
  get firstOpen(): number {
    const {index} = this.#firstOpen;
    return index < this.size ? index : -1;
  }

  /** Put rows where their priorities and positions say; those with a known id take its place. */
  put(rows: readonly Row[]): void {
    for (const row of rows) {
      this.putOne(this.#byId.get(row.id), row);
    }
  }

  /** The same for one row, with the record that it had before. */
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

  /** Forget rows, all in one pass. */
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
   * Where rows have to stand so that one moves by so many places among those of its priority that
   * are not settled, and itself; negative: towards the front.
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

    // There is no room between two of them: all get new places.
    const equals = this.#order.equalsAround(row, this.size);
    return movePlace(equals, equals.indexOf(row), by).changed;
  }

  /** Place of a row among those of its priority that are not settled, and itself, from 1. */
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
   * The rows to start next: one larger file, or small ones that go together; empty: none.
   *
   * @param slots How many such work at once.
   * @param isTaken Whether something still works on a row that is queued again.
   */
  next(slots: number, isTaken: (id: number) => boolean): Row[] {
    const {queued} = this.counts;
    return nextRows(this.#order, {from: this.#firstQueued.index, queued, slots, isTaken});
  }

  /** Rows that wait for room on the disk, in queue order. */
  get withoutRoom(): readonly Row[] {
    return [...this.#counter.waiting].flatMap(id => this.#byId.get(id) ?? []).sort(compareRows);
  }

  /** The same in the order in which they began to wait, so many at most. */
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
      // Another transfer of that file may be left.
      this.#byPath = undefined;
      this.#several = new NameTable();
    }
  }
}
