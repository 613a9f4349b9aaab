/**
 * The marked entries of one folder. They are kept by name, as marks outlive the listing that they were
 * made in; where most of a listing is marked they are kept as rows of its table, which then lives on
 * as long as they do: the names of a million entries are in there already, as bytes, and a map of them
 * as strings takes seconds to fill.
 *
 *     has(name) ──▶ by name
 *               └─▶ table.find(name) ──▶ rows
 */
import type {EntryTable} from '../table/entry-table.ts';
import {RowSet} from './row-set.ts';

export type MarkValue = {
  readonly type: 'file' | 'folder';
  /** Bytes; 0 for a folder. */
  readonly size: number;
  readonly mtimeMs: number;
};

/** Called for each mark that is added (1) or removed (-1). */
type Count = (value: Pick<MarkValue, 'type' | 'size'>, by: 1 | -1) => void;

/** Fewer rows than this are marked by name. */
const fewestRows = 4096;

/** A table is kept for its marks if at least one of so many rows is marked. */
const rowsForMark = 4;

export class FolderMarks {
  readonly #count: Count;
  // A name is in `#named` or in the rows, never in both.
  #named = new Map<string, MarkValue>();
  #rows = new RowSet();
  // The table of the marked rows.
  #table: EntryTable | undefined;

  constructor(count: Count) {
    this.#count = count;
  }

  has(name: string): boolean {
    return this.#named.has(name) || this.#rowOf(name) !== undefined;
  }

  /** Whether the entry in a row of `table` is marked. */
  hasRow(table: EntryTable, row: number): boolean {
    if (table === this.#table && this.#rows.has(row)) {
      return true;
    }

    const isOther = table !== this.#table && this.#table !== undefined;
    return (isOther || this.#named.size > 0) && this.has(table.name(row));
  }

  /** The marked names with their values, in the order in which they are kept. */
  *[Symbol.iterator](): Generator<readonly [string, MarkValue]> {
    yield* this.#named;
    if (this.#table !== undefined) {
      for (const row of this.#rows) {
        const value = valueAt(this.#table, row);
        if (value !== undefined) {
          yield [this.#table.name(row), value];
        }
      }
    }
  }

  /** The names that are marked. */
  *names(): Generator<string> {
    yield* this.#named.keys();
    if (this.#table !== undefined) {
      for (const row of this.#rows) {
        yield this.#table.name(row);
      }
    }
  }

  mark(name: string, value: MarkValue): void {
    this.#unmarkRow(this.#rowOf(name));
    const before = this.#named.get(name);
    if (before !== undefined) {
      this.#count(before, -1);
    }

    this.#named.set(name, value);
    this.#count(value, 1);
  }

  unmark(name: string): void {
    this.#unmarkRow(this.#rowOf(name));
    this.#unmarkName(name);
  }

  /** Mark `count` rows of a table; only files and folders are marked. */
  markRows(table: EntryTable, rows: Iterable<number>, count: number): void {
    if (table !== this.#table && count >= fewestRows && count * rowsForMark >= table.size) {
      this.#moveTo(table);
    }

    for (const row of rows) {
      const value = valueAt(table, row);
      if (value === undefined) {
        continue;
      }

      if (table !== this.#table) {
        this.mark(table.name(row), value);
      } else if (this.#rows.add(row)) {
        this.#count(value, 1);
        if (this.#named.size > 0) {
          this.#unmarkName(table.name(row));
        }
      }
    }
  }

  unmarkRows(table: EntryTable, rows: Iterable<number>): void {
    for (const row of rows) {
      if (table !== this.#table) {
        this.unmark(table.name(row));
      } else if (!this.#unmarkRow(row)) {
        this.#unmarkName(table.name(row));
      }
    }
  }

  /** The folder is left: a table is not kept for a few marks. */
  settle(): void {
    if (this.#table !== undefined && this.#rows.size * rowsForMark < this.#table.size) {
      this.#named = new Map(this);
      this.#rows = new RowSet();
      this.#table = undefined;
    }
  }

  /** Keep the marks as rows of `table`, if it has their entries unchanged. */
  #moveTo(table: EntryTable): void {
    const named = new Map<string, MarkValue>();
    const rows = new RowSet();
    for (const [name, value] of this) {
      const row = table.find(name);
      if (row !== undefined && isSame(valueAt(table, row), value)) {
        rows.add(row);
      } else {
        named.set(name, value);
      }
    }

    this.#named = named;
    this.#rows = rows;
    this.#table = table;
  }

  /** The marked row of that name. */
  #rowOf(name: string): number | undefined {
    const row = this.#table?.find(name);
    return row !== undefined && this.#rows.has(row) ? row : undefined;
  }

  /** @returns whether it was marked. */
  #unmarkRow(row: number | undefined): boolean {
    if (row === undefined || this.#table === undefined || !this.#rows.delete(row)) {
      return false;
    }

    const value = valueAt(this.#table, row);
    if (value !== undefined) {
      this.#count(value, -1);
    }

    return true;
  }

  #unmarkName(name: string): void {
    const value = this.#named.get(name);
    if (value !== undefined) {
      this.#named.delete(name);
      this.#count(value, -1);
    }
  }
}

/** The entry in a row as a mark; undefined for an entry that is neither a file nor a folder. */
function valueAt(table: EntryTable, row: number): MarkValue | undefined {
  const type = table.type(row);
  return type === 'other' ? undefined : {type, size: table.bytes(row), mtimeMs: table.mtimeMs(row)};
}

function isSame(one: MarkValue | undefined, other: MarkValue): boolean {
  return one?.type === other.type && one.size === other.size && one.mtimeMs === other.mtimeMs;
}
