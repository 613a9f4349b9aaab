/** The rows of a queue: their order, how many are in which state, and who saves where. */
import {dirname} from 'node:path';
import {movePlace} from './move-place.ts';
import {rankOf} from './priority.ts';
import type {Row} from './row.ts';
import {isRunning, isSettled, type TransferState, waitsForRoom} from './transfer-state.ts';

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

  get(id: number): Row | undefined {
    return this.#byId.get(this.#laterIds.get(id) ?? id);
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
    this.#count(row, 1);
  }

  forget(rows: readonly Row[]): void {
    const forgotten = new Set(rows);
    for (const row of rows) {
      this.#byId.delete(row.id);
      this.#count(row, -1);
    }

    this.#rows = this.#rows.filter(row => !forgotten.has(row));
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
    let names = this.#byTarget.get(folder);
    if (names === undefined) {
      names = new Map();
      this.#byTarget.set(folder, names);
    }

    const other = this.holderOf(row);
    if (other === undefined || isSettled(other.state)) {
      names.set(targetKey(row), row);
    }

    return other === undefined || other === row || isSettled(other.state);
  }

  /** The row that saves where `row` does. */
  holderOf(row: Row): Row | undefined {
    const holder = this.#byTarget.get(row.transfer.folder)?.get(targetKey(row));
    return holder !== undefined && this.#byId.get(holder.id) === holder ? holder : undefined;
  }

  /**
   * Move by so many places among those of the same priority that are not settled, and itself;
   * negative: towards the front.
   *
   * @returns the rows that have another position now.
   */
  move(id: number, by: number): Row[] {
    const priority = this.#byId.get(id)?.priority;
    const equals = this.all.filter(
      row => row.priority === priority && (row.id === id || !isSettled(row.state)),
    );
    const from = equals.findIndex(row => row.id === id);
    const {changed} = movePlace(equals, from, by);
    this.sort();
    return changed.flatMap(place => {
      const row = this.#byId.get(place.id);
      if (row === undefined) {
        return [];
      }

      row.position = place.position;
      return [row];
    });
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
    // Every folder is held open while a group runs.
    const folders = new Set<string>();
    const fits = (row: Row) =>
      row.canStart &&
      row.isSmall &&
      row.priority === priority &&
      folders.add(dirname(row.target)).size <= foldersAtOnce;
    const rows = this.#rows.slice(this.#cursor, this.#cursor + lookAhead).filter(fits);
    const share = Math.ceil(rows.length / (2 * slots));
    return rows.slice(0, Math.max(fewestSmall, Math.min(mostSmall, share)));
  }

  #count({state, elsewhere}: Row, by: 1 | 0 | -1): void {
    if (isRunning(state)) {
      // Others' work is not waited for.
      this.#counts.active += elsewhere === undefined ? by : 0;
    } else if (state.name === 'queued' || state.name === 'failed' || state.name === 'done') {
      this.#counts[state.name] += by;
    } else if (waitsForRoom(state)) {
      this.#counts.waiting += by;
    }
  }
}

function compare(one: Row, other: Row): number {
  return (
    rankOf(one.priority) - rankOf(other.priority) ||
    one.position - other.position ||
    one.id - other.id
  );
}

/** Where a row saves below its folder. */
function targetKey({transfer: {folder, localPath}, target}: Row): string {
  // Nearly always a string that is there already: it is not kept twice.
  return target === `${folder}/${localPath}` ? localPath : target;
}
