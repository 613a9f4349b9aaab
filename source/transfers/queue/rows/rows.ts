/**
 * The rows of a queue in their order, with all that is asked of them often kept rather than counted:
 * how many are in which state, the first that can start, the first that is not settled.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import {movePlace, type Placed} from '../../database/move-place.ts';
import {rankOf} from '../../terms/priority.ts';
import {
  isRunning,
  isSettled,
  type TransferState,
  waitsForRoom,
} from '../../terms/transfer-state.ts';
import {nextRows} from './next-rows.ts';
import {type Row, targetKeyOf} from './row.ts';

export type RowCounts = {
  active: number;
  queued: number;
  /** For room on the disk. */
  waiting: number;
  failed: number;
  done: number;
};

export class Rows {
  readonly #counts: RowCounts = {active: 0, queued: 0, waiting: 0, failed: 0, done: 0};
  readonly #byId = new Map<number, Row>();
  /** Ids of the rows that are worked on. */
  readonly #running = new Set<number>();
  /** Ids by target folder and local path: two transfers must never share a partial. */
  readonly #byTarget = new Map<string, Map<string, number>>();
  /** The latest of each remote path; made when one is asked for. */
  #byPath: Map<RemotePath, number> | undefined;
  #rows: Row[] = [];
  // Whether `#rows` is in order; it is sorted when that is needed next.
  #ordered = true;
  // No row before this index is queued.
  #firstQueued = 0;
  // Every row before this index is settled.
  #firstOpen = 0;

  /** In queue order: by priority, then by place. */
  get all(): readonly Row[] {
    this.#order();
    return this.#rows;
  }

  get counts(): Readonly<RowCounts> {
    return this.#counts;
  }

  get size(): number {
    return this.#rows.length;
  }

  /** Ids of the rows that are worked on. */
  get running(): ReadonlySet<number> {
    return this.#running;
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
    return row === undefined ? -1 : this.#placeOf(row);
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
        this.#count(before, -1);
        this.#count(row, 1);
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
        this.#count(row, -1);
      }
    }

    this.#rows = this.#rows.filter(({id}) => !forgotten.has(id));
    this.#byPath = undefined;
    this.#firstQueued = 0;
    this.#firstOpen = 0;
  }

  /** Have the target of `row` for it alone. @returns false if another row that is not settled has it. */
  reserve(row: Row): boolean {
    const {folder} = row.transfer;
    let keys = this.#byTarget.get(folder);
    if (keys === undefined) {
      keys = new Map();
      this.#byTarget.set(folder, keys);
    }

    const key = targetKeyOf(row);
    const other = this.#byId.get(keys.get(key) ?? -1);
    const isFree = other === undefined || other.id === row.id || isSettled(other.state);
    if (isFree) {
      keys.set(key, row.id);
    }

    return isFree;
  }

  /** Whether another row that is not settled saves where `row` does. */
  isTakenFrom(row: Row): boolean {
    const id = this.#byTarget.get(row.transfer.folder)?.get(targetKeyOf(row));
    const holder = this.#byId.get(id ?? -1);
    return holder !== undefined && holder.id !== row.id && !isSettled(holder.state);
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

    const near = this.#equalsAround(row, Math.abs(by) + 1);
    const {changed} = movePlace(near, near.indexOf(row), by);
    if (changed.length <= 1) {
      return changed;
    }

    // There is no room between two of them: all get new places.
    const equals = this.#equalsAround(row, this.#rows.length);
    return movePlace(equals, equals.indexOf(row), by).changed;
  }

  /** Place of a row among those of its priority that are not settled, and itself, from 1. */
  placeAmongEquals(id: number): {place: number; of: number} | undefined {
    const row = this.#byId.get(id);
    const equals = row === undefined ? [] : this.#equalsAround(row, this.#rows.length);
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
    return this.#counts.waiting === 0 ? [] : this.all.filter(({state}) => waitsForRoom(state));
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
    this.#ordered &&= last === undefined || compare(last, row) <= 0;
    this.#rows.push(row);
    this.#know(row);
    this.#count(row, 1);
  }

  /** Put one known row in the place of its last record. */
  #replace(row: Row): void {
    const before = this.#byId.get(row.id);
    if (before === undefined) {
      return;
    }

    const at = this.#placeOf(before);
    this.#byId.set(row.id, row);
    this.#count(before, -1);
    this.#count(row, 1);
    let to = at;
    if (compare(before, row) === 0) {
      this.#rows[at] = row;
    } else {
      this.#rows.splice(at, 1);
      to = this.#placeOf(row);
      this.#rows.splice(to, 0, row);
    }

    const first = Math.min(at, to);
    if (row.state.name === 'queued' || first !== to) {
      this.#firstQueued = Math.min(this.#firstQueued, first);
    }

    if (!isSettled(row.state) || first !== to) {
      this.#firstOpen = Math.min(this.#firstOpen, first);
    }
  }

  /** Index of the first row that does not come before `row`: its own, if it stands there. */
  #placeOf(row: Row): number {
    this.#order();
    let from = 0;
    let to = this.#rows.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const other = this.#rows[middle];
      if (other !== undefined && compare(other, row) < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }

    return from;
  }

  /** `row`, and on each side up to so many of its priority that are not settled; in order. */
  #equalsAround(row: Row, most: number): Row[] {
    const at = this.#placeOf(row);
    const towards = (step: 1 | -1): Row[] => {
      const found: Row[] = [];
      for (let index = at + step; found.length < most; index += step) {
        const other = this.#rows[index];
        if (other === undefined || other.priority !== row.priority) {
          break;
        }

        if (!isSettled(other.state)) {
          found.push(other);
        }
      }

      return found;
    };
    return [...towards(-1).reverse(), row, ...towards(1)];
  }

  #order(): void {
    if (!this.#ordered) {
      this.#ordered = true;
      this.#rows.sort(compare);
      this.#firstQueued = 0;
      this.#firstOpen = 0;
    }
  }

  #count({id, state}: Row, by: 1 | -1): void {
    const name = countedAs(state);
    if (name !== undefined) {
      this.#counts[name] += by;
    }

    if (name === 'active' && by === 1) {
      this.#running.add(id);
    } else if (name === 'active') {
      this.#running.delete(id);
    }
  }
}

/** The counter for rows in a state, if there is one. */
function countedAs(state: TransferState): keyof RowCounts | undefined {
  if (isRunning(state)) {
    return 'active';
  }

  if (state.name === 'queued' || state.name === 'failed' || state.name === 'done') {
    return state.name;
  }

  return waitsForRoom(state) ? 'waiting' : undefined;
}

function compare(one: Row, other: Row): number {
  return (
    rankOf(one.priority) - rankOf(other.priority) ||
    one.position - other.position ||
    one.id - other.id
  );
}
