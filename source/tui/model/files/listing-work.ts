/** Computes another order or filter of a folder, some rows at a time. */

import {passesFilter} from './name-filter.ts';
import type {EntryTable, SortOrder} from './table/entry-table.ts';
import {SortedRows} from './table/sorted-rows.ts';

export type ListingOptions = {
  readonly sort: SortOrder;
  readonly showHidden: boolean;
  /** A part of the names to show, see name-filter.ts; empty for all. */
  readonly filter: string;
};

/** How the first folder is shown. */
export const firstOptions: ListingOptions = {
  sort: {key: 'name', reverse: false},
  showHidden: false,
  filter: '',
};

/** Rows between two looks at the clock. */
const step = 256;

type WorkOptions = {
  table: EntryTable;
  all: SortedRows;
  /** Whether some rows are hidden. */
  selects: boolean;
  options: ListingOptions;
  /** Whether the order changes, too. */
  resorts: boolean;
};

/** One new order or filter that is being computed: `run` continues until it is done. */
export class ListingWork {
  /** Whether the order changes, too. */
  readonly resorts: boolean;
  readonly all: SortedRows;
  readonly visible: SortedRows;
  readonly #table: EntryTable;
  readonly #options: ListingOptions;
  // The next row: of the table if the work resorts, else of `all`.
  #next = 0;

  constructor({table, all, selects, options, resorts}: WorkOptions) {
    const compare = table.comparator(options.sort);
    this.#table = table;
    this.#options = options;
    this.resorts = resorts;
    this.all = resorts ? new SortedRows(compare) : all;
    this.visible = selects ? new SortedRows(compare) : this.all;
  }

  /** @returns whether it is done. */
  run(deadline: number): boolean {
    const end = () =>
      this.resorts ? this.#table.size : this.visible === this.all ? 0 : this.all.size;
    while (this.#next < end()) {
      if (performance.now() >= deadline) {
        return false;
      }

      for (const stop = Math.min(end(), this.#next + step); this.#next < stop; this.#next++) {
        this.#take(this.#next);
      }
    }

    return true;
  }

  #take(position: number): void {
    const row = this.resorts ? position : this.all.at(position);
    if (row === undefined) {
      return;
    }

    if (this.resorts) {
      this.all.insert(row);
    }

    if (this.visible !== this.all && isSelected(this.#table.name(row), this.#options)) {
      // A row that was taken from a sorted order can be appended to the same order.
      if (this.resorts) {
        this.visible.insert(row);
      } else {
        this.visible.append(row);
      }
    }
  }

  /** A row has arrived meanwhile. It is in the table already and, unless this resorts, in `all`. */
  added(row: number): void {
    // Only a row that sorts before the current position would be missed.
    if (!this.resorts && this.visible !== this.all && this.all.rankOf(row) < this.#next) {
      this.#next++;
      if (isSelected(this.#table.name(row), this.#options)) {
        this.visible.insert(row);
      }
    }
  }
}

/** Whether an entry called `name` is shown. */
export function isSelected(name: string, {showHidden, filter}: ListingOptions): boolean {
  if (!showHidden && isHidden(name)) {
    return false;
  }

  return filter === '' || passesFilter(name, filter);
}

/** Whether the name of an entry, or of a folder on its path, begins with a dot. */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || name.includes('/.');
}
