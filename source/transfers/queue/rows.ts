/** The rows of a queue: their order, how many are in which state, and who saves where. */
import {dirname} from 'node:path';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import {movePlace} from '../database/move-place.ts';
import {type Priority, rankOf} from '../terms/priority.ts';
import {isRunning, isSettled, type TransferState, waitsForRoom} from '../terms/transfer-state.ts';
import type {Row} from './row.ts';

export type RowCounts = {
  active: number;
  queued: number;
  /** For room on the disk. */
  waiting: number;
  failed: number;
  done: number;
};

/**
 * Small files that go together, fewest and most: where there are many the database is asked less
 * often, and towards the end no slot is left with all that remains.
 */
const fewestSmall = 256;
const mostSmall = 512;

/** The folders they may be in, and rows that are looked through. */
const foldersAtOnce = 64;
const lookAhead = 4096;

export class Rows {
  readonly #counts: RowCounts = {active: 0, queued: 0, waiting: 0, failed: 0, done: 0};
  readonly #byId = new Map<number, Row>();
  readonly #laterIds = new Map<number, number>();
  /** By target folder and local path: two transfers must never share a partial. */
  readonly #byTarget = new Map<string, Map<string, Row>>();
  /** The latest of each remote path; made when one is asked for. */
  #byPath: Map<RemotePath, Row> | undefined;
  #rows: Row[] = [];
  // Whether they stand in order; they are ordered when that is needed next.
  #ordered = true;
  // No row before this one can start.
  #cursor = 0;

  /** In queue order: by priority, then by place. */
  get all(): readonly Row[] {
    this.#order();
    return this.#rows;
  }

  /** The highest position there is; 0 if there are no rows. */
  get lastPosition(): number {
    return this.#rows.reduce((last, {position}) => Math.max(last, position), 0);
  }

  get counts(): Readonly<RowCounts> {
    return this.#counts;
  }

  /** With those of rows that are not here yet. */
  countsWith(others: Readonly<RowCounts> | undefined): RowCounts {
    const {active, queued, waiting, failed, done} = this.#counts;
    return {
      active: active + (others?.active ?? 0),
      queued: queued + (others?.queued ?? 0),
      waiting: waiting + (others?.waiting ?? 0),
      failed: failed + (others?.failed ?? 0),
      done: done + (others?.done ?? 0),
    };
  }

  get size(): number {
    return this.#rows.length;
  }

  get(id: number): Row | undefined {
    return this.#byId.get(this.#laterIds.get(id) ?? id);
  }

  /** The transfer of that file, the latest if there are several. */
  find(path: RemotePath): Row | undefined {
    if (this.#byPath === undefined) {
      this.#byPath = new Map();
      for (const row of this.#rows) {
        this.#know(row);
      }
    }

    return this.#byPath.get(path);
  }

  #know(row: Row): void {
    const {remotePath} = row.transfer;
    const known = this.#byPath?.get(remotePath);
    if (known === undefined || known.id <= row.id) {
      this.#byPath?.set(remotePath, row);
    }
  }

  /** Where `row` stands in `all`; -1 if it does not. */
  indexOf(row: Row): number {
    this.#order();
    const at = this.#placeOf(row);
    return this.#rows[at] === row ? at : this.#rows.indexOf(row);
  }

  /** Put rows of the same transfers under other ids in the place of `before`; both ids lead there. */
  replace(before: readonly Row[], after: readonly Row[]): void {
    this.forget(before);
    for (const [index, row] of after.entries()) {
      this.add(row);
      this.#laterIds.set(before[index]?.id ?? row.id, row.id);
    }
  }

  /** Put `row` where its priority and its position say. */
  add(row: Row): void {
    const last = this.#rows.at(-1);
    this.#ordered &&= last === undefined || compare(last, row) <= 0;
    this.#rows.push(row);
    this.#byId.set(row.id, row);
    this.#know(row);
    this.#count(row, 1);
  }

  forget(rows: readonly Row[]): void {
    const forgotten = new Set(rows);
    for (const row of rows) {
      this.#byId.delete(row.id);
      this.#count(row, -1);
    }

    this.#rows = this.#rows.filter(row => !forgotten.has(row));
    this.#byPath = undefined;
    this.#cursor = 0;
  }

  /** Change the state of a row, and who else works on it; null: nobody does. */
  set(row: Row, state: TransferState, elsewhere: string | null = row.elsewhere ?? null): void {
    // One that was forgotten while it is worked on counts no more.
    const known = this.#byId.get(row.id) === row;
    this.#count(row, known ? -1 : 0);
    row.state = state;
    row.elsewhere = elsewhere ?? undefined;
    this.#count(row, known ? 1 : 0);
    row.changed();
  }

  /** Have the target of `row` for it alone. @returns false if another row has it. */
  reserve(row: Row): boolean {
    const {folder} = row.transfer;
    let keys = this.#byTarget.get(folder);
    if (keys === undefined) {
      keys = new Map();
      this.#byTarget.set(folder, keys);
    }

    const key = row.targetKey;
    const other = this.#known(keys.get(key));
    const isFree = other === undefined || other === row || isSettled(other.state);
    if (isFree && other !== row) {
      keys.set(key, row);
    }

    return isFree;
  }

  /** The row that saves where `row` does. */
  holderOf(row: Row): Row | undefined {
    return this.#known(this.#byTarget.get(row.transfer.folder)?.get(row.targetKey));
  }

  /** `row`, unless it was forgotten. */
  #known(row: Row | undefined): Row | undefined {
    return row !== undefined && this.#byId.get(row.id) === row ? row : undefined;
  }

  /**
   * Move by so many places among those of the same priority that are not settled, and itself;
   * negative: towards the front.
   *
   * @returns the rows that have another position now.
   */
  move(id: number, by: number): Row[] {
    const row = this.get(id);
    if (row === undefined) {
      return [];
    }

    const at = this.indexOf(row);
    const near = this.#equalsAround(at, Math.abs(by) + 1);
    let {changed} = movePlace(near, near.indexOf(row), by);
    if (changed.length > 1) {
      // There is no room between two of them: all get new places.
      const equals = this.#equalsAround(at, this.#rows.length);
      ({changed} = movePlace(equals, equals.indexOf(row), by));
    }

    const moved = changed.flatMap(place => {
      const other = this.#byId.get(place.id);
      if (other === undefined) {
        return [];
      }

      other.position = place.position;
      return [other];
    });
    if (moved.length === 1) {
      this.#replace(at);
    } else if (moved.length > 1) {
      this.sort();
    }

    return moved;
  }

  /** The row at `at`, and on each side up to so many of its priority that are not settled; in order. */
  #equalsAround(at: number, most: number): Row[] {
    const row = this.#rows[at];
    const towards = (step: 1 | -1): Row[] => {
      const found: Row[] = [];
      for (let index = at + step; found.length < most; index += step) {
        const other = this.#rows[index];
        if (other === undefined || other.priority !== row?.priority) {
          break;
        }

        if (!isSettled(other.state)) {
          found.push(other);
        }
      }

      return found;
    };
    return [...towards(-1).reverse(), ...(row === undefined ? [] : [row]), ...towards(1)];
  }

  prioritize(row: Row, priority: Priority): void {
    const at = this.indexOf(row);
    row.priority = priority;
    row.changed();
    this.#replace(at);
  }

  /** Put the row at `at`, the only one that is not in its place, where it belongs. */
  #replace(at: number): void {
    const [row] = this.#rows.splice(at, 1);
    if (row !== undefined) {
      this.#rows.splice(this.#placeOf(row), 0, row);
    }

    this.#cursor = 0;
  }

  /** Index of the first row that does not come before `row`. */
  #placeOf(row: Row): number {
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

  /** Priorities or positions have changed. */
  sort(): void {
    this.#ordered = false;
  }

  /** Rows before the ones that were started last may start again. */
  lookFromTheFront(): void {
    this.#cursor = 0;
  }

  /**
   * What is to start next: one larger file, or small ones that go together; empty: nothing.
   *
   * @param slots How many such work at once.
   */
  next(slots: number): Row[] {
    this.#order();
    while (this.#cursor < this.#rows.length && !this.#rows[this.#cursor]?.canStart) {
      this.#cursor++;
    }

    const row = this.#rows[this.#cursor];
    return row === undefined ? [] : row.isSmall ? this.#smallWith(row, slots) : [row];
  }

  /** At most `count` rows that are next, besides `begun`, which begin now. */
  ahead(count: number, begun: readonly Row[] = []): Row[] {
    this.#order();
    const now = new Set(begun);
    const ahead: Row[] = [];
    for (let at = this.#cursor; at < this.#rows.length && ahead.length < count; at++) {
      const row = this.#rows[at];
      if (row?.canStart && !now.has(row)) {
        ahead.push(row);
      }
    }

    return ahead;
  }

  /** Rows that wait for room on the disk, in queue order. */
  get withoutRoom(): readonly Row[] {
    return this.#counts.waiting === 0 ? [] : this.all.filter(({state}) => waitsForRoom(state));
  }

  /** Rows from the first that may start on, that no one has begun. */
  get waiting(): readonly Row[] {
    this.#order();
    return this.#rows.slice(this.#cursor).filter(row => row.state.name === 'queued');
  }

  #order(): void {
    if (!this.#ordered) {
      this.#ordered = true;
      this.#rows.sort(compare);
      this.#cursor = 0;
    }
  }

  #smallWith({priority}: Row, slots: number): Row[] {
    const fits = (row: Row) => row.canStart && row.isSmall && row.priority === priority;
    const rows = this.#rows.slice(this.#cursor, this.#cursor + lookAhead).filter(fits);
    const share = Math.ceil(rows.length / (2 * slots));
    // Every folder is held open while a group runs.
    const folders = new Set<string>();
    return rows
      .slice(0, Math.max(fewestSmall, Math.min(mostSmall, share)))
      .filter(row => folders.add(folderOf(row)).size <= foldersAtOnce);
  }

  #count(row: Row, by: 1 | 0 | -1): void {
    const name = countedAs(row);
    if (name !== undefined) {
      this.#counts[name] += by;
    }
  }
}

/** What a row in this state counts as, if it is counted. */
export function countedAs({
  state,
  elsewhere,
}: Pick<Row, 'state' | 'elsewhere'>): keyof RowCounts | undefined {
  if (isRunning(state)) {
    // Others' work is not waited for.
    return elsewhere === undefined ? 'active' : undefined;
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

/** The folder that a row saves in. */
function folderOf({transfer: {folder, localPath}}: Row): string {
  return `${folder}/${dirname(localPath)}`;
}
