/**
 * The rows of a queue in their order, with all that is asked of them often kept rather than counted:
 * how many are in which state, the first that can start, the first that is not settled.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import {movePlace, type Placed} from '../../database/move-place.ts';
import {NameTable} from '../../hashing/name-table.ts';
import {isSettled} from '../../terms/transfer-state.ts';
import {nextRows} from './next-rows.ts';
import type {Row} from './row.ts';
import type {ByteTotals} from './row-bytes.ts';
import {RowCounter, type RowCounts} from './row-counter.ts';
import {RowMap} from './row-map.ts';
import {compareRows, RowOrder} from './row-order.ts';
import {RowTargets} from './row-targets.ts';

export class Rows {
  readonly targets = new RowTargets(id => this.#byId.get(id));
  readonly #counter = new RowCounter();
  readonly #byId = new RowMap();
  readonly #order = new RowOrder(id => this.#byId.get(id));
  /** The latest of each remote path; made when one is asked for. */
  #byPath: NameTable | undefined;
  #lastPosition = 0;
  // No row before this index is queued.
  #firstQueued = 0;
  // Every row before this index is settled.
  #firstOpen = 0;

  /** Ids of them all, in queue order: by priority, then by place. */
  get ids(): readonly number[] {
    return this.#ordered.ids;
  }

  /** In the same order. */
  get all(): IteratorObject<Row> {
    return this.ids
      .values()
      .map(id => this.#byId.get(id))
      .filter(row => row !== undefined);
  }

  /** Those of `all` from index `from` up to and without `to`. */
  slice(from: number, to?: number): Row[] {
    return this.#ordered.slice(from, to);
  }

  get counts(): Readonly<RowCounts> {
    return this.#counter.counts;
  }

  /** Bytes of all of them. */
  get bytes(): ByteTotals {
    return this.#counter.bytes.totals;
  }

  get size(): number {
    return this.#ordered.length;
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
      for (const row of this.all) {
        this.#know(row);
      }
    }

    const row = this.#byId.get(this.#byPath.get(path) ?? -1);
    return row?.transfer.remotePath === path ? row : undefined;
  }

  /** Index of a row in `all`; -1 if there is none. */
  indexOf(id: number): number {
    const row = this.#byId.get(id);
    return row === undefined ? -1 : this.#ordered.placeOf(row);
  }

  /** Index of the first row that is not settled; -1 if all are. */
  get firstOpen(): number {
    const rows = this.#ordered;
    for (let row = rows.at(this.#firstOpen); row !== undefined && isSettled(row.state); ) {
      this.#firstOpen++;
      row = rows.at(this.#firstOpen);
    }

    return this.#firstOpen < rows.length ? this.#firstOpen : -1;
  }

  /** Put rows where their priorities and positions say; those with a known id take its place. */
  put(rows: readonly Row[]): void {
    // Those that stay in their places first: as long as none is without, each is found.
    for (const row of rows.filter(row => !this.#stays(row, rows.length === 1))) {
      this.#place(row);
    }
  }

  /** Forget rows, all in one pass. */
  forget(ids: Iterable<number>): void {
    const forgotten = new Set(ids);
    for (const id of forgotten) {
      const row = this.#byId.get(id);
      if (row !== undefined) {
        this.#byId.set(id, undefined);
        this.#counter.count(row, -1);
      }
    }

    this.#order.remove(forgotten);
    this.targets.forget(forgotten.size, this.all);
    this.#byPath = undefined;
    this.#firstQueued = 0;
    this.#firstOpen = 0;
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

    const near = this.#ordered.equalsAround(row, Math.abs(by) + 1);
    const {changed} = movePlace(near, near.indexOf(row), by);
    if (changed.length <= 1) {
      return changed;
    }

    // There is no room between two of them: all get new places.
    const equals = this.#ordered.equalsAround(row, this.size);
    return movePlace(equals, equals.indexOf(row), by).changed;
  }

  /** Place of a row among those of its priority that are not settled, and itself, from 1. */
  placeAmongEquals(id: number): {place: number; of: number} | undefined {
    const row = this.#byId.get(id);
    const equals = row === undefined ? [] : this.#ordered.equalsAround(row, this.size);
    return row === undefined ? undefined : {place: equals.indexOf(row) + 1, of: equals.length};
  }

  /**
   * The rows to start next: one larger file, or small ones that go together; empty: none.
   *
   * @param slots How many such work at once.
   * @param isTaken Whether something still works on a row that is queued again.
   */
  next(slots: number, isTaken: (id: number) => boolean): Row[] {
    const rows = this.#ordered;
    for (let row = rows.at(this.#firstQueued); row !== undefined && row.state.name !== 'queued'; ) {
      this.#firstQueued++;
      row = rows.at(this.#firstQueued);
    }

    return nextRows(rows, this.#firstQueued, slots, isTaken);
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
    if (known === undefined || known <= row.id) {
      this.#byPath?.set(remotePath, row.id);
    }
  }

  /** Put a known row in the place of its last record. @returns false: it moves with others, or is new. */
  #stays(row: Row, isAlone: boolean): boolean {
    const before = this.#byId.get(row.id);
    if (before === undefined || !(isAlone || compareRows(before, row) === 0)) {
      return false;
    }

    const at = this.#ordered.placeOf(before);
    this.#keep(row, before);
    const to = this.#order.replace(at, before, row);
    const first = Math.min(at, to);
    if (row.state.name === 'queued' || first !== to) {
      this.#firstQueued = Math.min(this.#firstQueued, first);
    }

    if (!isSettled(row.state) || first !== to) {
      this.#firstOpen = Math.min(this.#firstOpen, first);
    }

    return true;
  }

  /** A row is new, or one of several that move: they get their places together. */
  #place(row: Row): void {
    const before = this.#byId.get(row.id);
    if (before === undefined) {
      this.#order.add(row);
      this.#know(row);
    } else {
      this.#order.displace(row.id);
    }

    this.#keep(row, before);
  }

  #keep(row: Row, before: Row | undefined): void {
    if (before !== undefined) {
      this.#counter.count(before, -1);
    }

    this.#counter.count(row, 1);
    this.#byId.set(row.id, row);
    this.#lastPosition = Math.max(this.#lastPosition, row.position);
  }

  /** The order, with all rows in it. */
  get #ordered(): RowOrder {
    if (this.#order.order()) {
      this.#firstQueued = 0;
      this.#firstOpen = 0;
    }

    return this.#order;
  }
}
