/**
 * The rows of a queue in their order, with all that is asked of them often kept rather than counted:
 * how many are in which state, the first that can start, the first that is not settled.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import {movePlace, type Placed} from '../../database/move-place.ts';
import {isSettled} from '../../terms/transfer-state.ts';
import {nextRows} from './next-rows.ts';
import type {Row} from './row.ts';
import type {ByteTotals} from './row-bytes.ts';
import {RowCounter, type RowCounts} from './row-counter.ts';
import {compareRows, equalsAround, placeIn, replaceAt} from './row-order.ts';
import {RowTargets} from './row-targets.ts';

export class Rows {
  readonly targets = new RowTargets(id => this.#byId.get(id));
  readonly #counter = new RowCounter();
  readonly #byId = new Map<number, Row>();
  /** The latest of each remote path; made when one is asked for. */
  #byPath: Map<RemotePath, number> | undefined;
  #rows: Row[] = [];
  // Whether `#rows` is in order; it is sorted when that is needed next.
  #ordered = true;
  // No row before this index is queued.
  #firstQueued = 0;
  // Every row before this index is settled.
  #firstOpen = 0;
  #lastPlace = 0;

  /** In queue order: by priority, then by place. */
  get all(): readonly Row[] {
    this.#order();
    return this.#rows;
  }

  get counts(): Readonly<RowCounts> {
    return this.#counter.counts;
  }

  /** Bytes of all of them. */
  get bytes(): ByteTotals {
    return this.#counter.bytes.totals;
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Ids of the rows that are worked on. */
  get running(): ReadonlySet<number> {
    return this.#counter.running;
  }

  /** The highest position there is; 0 if there are no rows. */
  get lastPosition(): number {
    return this.#rows.reduce((last, {position}) => Math.max(last, position), 0);
  }

  get(id: number): Row | undefined {
    return this.#byId.get(id);
  }

  /** The transfer of that file, the latest if there are several. */
  find(path: RemotePath): Row | undefined {
    if (this.#byPath === undefined) {
      this.#byPath = new Map();
      for (const row of this.#rows) {
        this.#know(row);
      }
    }

    return this.#byId.get(this.#byPath.get(path) ?? -1);
  }

  /** Index of a row in `all`; -1 if there is none. */
  indexOf(id: number): number {
    const row = this.#byId.get(id);
    return row === undefined ? -1 : placeIn(this.all, row);
  }

  /** Index of the first row that is not settled; -1 if all are. */
  get firstOpen(): number {
    this.#order();
    for (let row = this.#rows[this.#firstOpen]; row !== undefined && isSettled(row.state); ) {
      this.#firstOpen++;
      row = this.#rows[this.#firstOpen];
    }

    return this.#firstOpen < this.#rows.length ? this.#firstOpen : -1;
  }

  /** Put rows where their priorities and positions say; those with a known id take its place. */
  put(rows: readonly Row[]): void {
    if (rows.length === 1 && rows[0] !== undefined && this.#byId.has(rows[0].id)) {
      this.#replace(rows[0]);
      return;
    }

    const replaced = new Map<number, Row>();
    for (const row of rows) {
      const before = this.#byId.get(row.id);
      if (before === undefined) {
        this.#append(row);
      } else {
        replaced.set(row.id, row);
        this.#counter.count(before, -1);
        this.#counter.count(row, 1);
      }

      this.#byId.set(row.id, row);
    }

    if (replaced.size > 0) {
      this.#rows = this.#rows.map(row => replaced.get(row.id) ?? row);
      this.#ordered = false;
    }
  }

  /** Forget rows, all in one pass. */
  forget(ids: Iterable<number>): void {
    const forgotten = new Set(ids);
    for (const id of forgotten) {
      const row = this.#byId.get(id);
      if (row !== undefined) {
        this.#byId.delete(id);
        this.targets.forget(row);
        this.#counter.count(row, -1);
      }
    }

    this.#rows = this.#rows.filter(({id}) => !forgotten.has(id));
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

    const near = equalsAround(this.all, row, Math.abs(by) + 1);
    const {changed} = movePlace(near, near.indexOf(row), by);
    if (changed.length <= 1) {
      return changed;
    }

    // There is no room between two of them: all get new places.
    const equals = equalsAround(this.all, row, this.#rows.length);
    return movePlace(equals, equals.indexOf(row), by).changed;
  }

  /** Place of a row among those of its priority that are not settled, and itself, from 1. */
  placeAmongEquals(id: number): {place: number; of: number} | undefined {
    const row = this.#byId.get(id);
    const equals = row === undefined ? [] : equalsAround(this.all, row, this.#rows.length);
    return row === undefined ? undefined : {place: equals.indexOf(row) + 1, of: equals.length};
  }

  /**
   * The rows to start next: one larger file, or small ones that go together; empty: none.
   *
   * @param slots How many such work at once.
   * @param isTaken Whether something still works on a row that is queued again.
   */
  next(slots: number, isTaken: (id: number) => boolean): Row[] {
    this.#order();
    while (
      this.#firstQueued < this.#rows.length &&
      this.#rows[this.#firstQueued]?.state.name !== 'queued'
    ) {
      this.#firstQueued++;
    }

    return nextRows(this.#rows, this.#firstQueued, slots, isTaken);
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

  #append(row: Row): void {
    const last = this.#rows.at(-1);
    this.#ordered &&= last === undefined || compareRows(last, row) <= 0;
    this.#rows.push(row);
    this.#know(row);
    this.#counter.count(row, 1);
  }

  /** Put one known row in the place of its last record. */
  #replace(row: Row): void {
    const before = this.#byId.get(row.id);
    if (before === undefined) {
      return;
    }

    const at = this.#placeOf(before);
    this.#byId.set(row.id, row);
    this.#counter.count(before, -1);
    this.#counter.count(row, 1);
    const to = replaceAt(this.#rows, at, row);
    const first = Math.min(at, to);
    if (row.state.name === 'queued' || first !== to) {
      this.#firstQueued = Math.min(this.#firstQueued, first);
    }

    if (!isSettled(row.state) || first !== to) {
      this.#firstOpen = Math.min(this.#firstOpen, first);
    }
  }

  /** Rows are replaced in the order in which they stand, mostly: at the last place, or the next one. */
  #placeOf(row: Row): number {
    const rows = this.all;
    if (rows[this.#lastPlace] !== row) {
      const next = this.#lastPlace + 1;
      this.#lastPlace = rows[next] === row ? next : placeIn(rows, row);
    }

    return this.#lastPlace;
  }

  #order(): void {
    if (!this.#ordered) {
      this.#ordered = true;
      this.#rows.sort(compareRows);
      this.#firstQueued = 0;
      this.#firstOpen = 0;
    }
  }
}
