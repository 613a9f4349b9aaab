/**
 * The entries of one folder in columns: a million entries as objects would take several times the memory. An entry is
 * known by its row number; rows are never removed.
 */
import type {Entry, EntryType} from '../../../../../protocol/messages.ts';
import {Column} from './column.ts';
import {Extensions} from './extensions.ts';
import {IndexedNames} from './indexed-names.ts';
import {KeyColumn} from './key-column.ts';
import {longer} from './longer.ts';
import {compareNames} from './natural-order.ts';

const types = ['folder', 'file', 'other'] as const satisfies readonly EntryType[];
const folderType = 0;

export type SortKey = 'name' | 'size' | 'time' | 'type';
export type SortOrder = {readonly key: SortKey; readonly reverse: boolean};

/** An order of rows, with numbers that decide about most pairs. */
export type RowOrder = {
  /** A total order: 0 only for the same row. */
  readonly compare: (a: number, b: number) => number;
  /** Of two rows, the one with the smaller number comes first. If their difference is 0 or NaN, the second keys decide. */
  readonly firstKey: (row: number) => number;
  /** Like `firstKey`; if their difference is 0 or NaN, `compare` decides. */
  readonly secondKey: (row: number) => number;
};

export class EntryTable {
  readonly #names = new IndexedNames();
  readonly #keys = new KeyColumn(row => this.name(row));
  readonly #extensions = new Extensions(row => this.name(row));
  readonly #sizes = new Column();
  readonly #times = new Column();
  // Not packed, like the keys: every comparison reads them.
  #types = new Uint8Array(64);

  get size(): number {
    return this.#names.size;
  }

  /**
   * @returns the row, or undefined if there is an entry of that name already.
   * @throws RangeError for more than two million rows (2,097,152).
   */
  add({name, type, size, mtimeMs}: Entry): number | undefined {
    const row = this.#names.add(name);
    if (row !== undefined) {
      this.#keys.push(name);
      this.#sizes.push(size);
      this.#times.push(mtimeMs);
      if (row === this.#types.length) {
        this.#types = new Uint8Array(longer(this.#types));
      }

      this.#types[row] = types.indexOf(type);
    }

    return row;
  }

  /** The row of the entry with that name. */
  find(name: string): number | undefined {
    return this.#names.find(name);
  }

  name(row: number): string {
    return this.#names.at(row);
  }

  type(row: number): EntryType {
    return types[this.#types[row] ?? folderType] ?? 'other';
  }

  /** Bytes. */
  bytes(row: number): number {
    return this.#sizes.at(row);
  }

  mtimeMs(row: number): number {
    return this.#times.at(row);
  }

  /** The order of `comparator` with its keys, for rows that exist now. */
  order(sort: SortOrder): RowOrder {
    const sign = sort.reverse ? -1 : 1;
    const [ofRow, ofName, unknown] = [
      this.#keyOf(sort.key),
      this.#keys.current(),
      () => Number.NaN,
    ];
    const isFolder = (row: number) => this.#types[row] === folderType;
    return {
      compare: this.comparator(sort),
      firstKey: row => (isFolder(row) ? Number.NEGATIVE_INFINITY : ofRow(row) * sign),
      // Equal sizes and times are the same; the keys of names and extensions may be equal for different ones.
      secondKey:
        sort.key === 'size' || sort.key === 'time'
          ? row => (isFolder(row) ? Number.NaN : ofName(row))
          : unknown,
    };
  }

  #keyOf(key: SortKey): (row: number) => number {
    switch (key) {
      case 'name':
        return this.#keys.current();
      case 'size':
        return row => this.bytes(row);
      case 'time':
        return row => this.mtimeMs(row);
      case 'type':
        return row => this.#extensions.keyOf(row);
    }
  }

  /** A total order of rows: folders always come first; rows with equal keys are ordered by name. */
  comparator({key, reverse}: SortOrder): (a: number, b: number) => number {
    const sign = reverse ? -1 : 1;
    const byName = (a: number, b: number) => this.#compareNames(a, b);
    const byKey = this.#byKey(key);
    return (a, b) => {
      const folderA = this.#types[a] === folderType;
      if (folderA !== (this.#types[b] === folderType)) {
        return folderA ? -1 : 1;
      }

      if (byKey === undefined) {
        return byName(a, b) * sign;
      }

      const order = byKey(a, b);
      return order === 0 ? byName(a, b) : order * sign;
    };
  }

  #compareNames(a: number, b: number): number {
    const order = this.#keys.at(a) - this.#keys.at(b);
    return order < 0 || order > 0 ? order : compareNames(this.name(a), this.name(b));
  }

  /** @returns undefined if the order is by name. */
  #byKey(key: SortKey): ((a: number, b: number) => number) | undefined {
    switch (key) {
      case 'name':
        return undefined;
      case 'size':
        return (a, b) => this.bytes(a) - this.bytes(b);
      case 'time':
        return (a, b) => this.mtimeMs(a) - this.mtimeMs(b);
      case 'type':
        return (a, b) => this.#extensions.compare(a, b);
    }
  }
}
