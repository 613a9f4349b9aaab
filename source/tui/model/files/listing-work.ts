/** Computes another order or filter of a folder, some rows at a time. */

import {passesFilter} from './name-filter.ts';
import type {EntryTable, SortOrder} from './table/entry-table.ts';
import {sortInParts} from './table/sort-in-parts.ts';
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
  readonly #steps: Generator<void, void>;
  // The position in `all` of the next row that is filtered.
  #next = 0;

  constructor({table, all, selects, options, resorts}: WorkOptions) {
    const compare = table.comparator(options.sort);
    this.#table = table;
    this.#options = options;
    this.resorts = resorts;
    this.all = resorts ? new SortedRows(compare) : all;
    this.visible = selects ? new SortedRows(compare) : this.all;
    this.#steps = resorts ? this.#resort() : this.#filter();
  }

  /**
   * Take at least one step.
   *
   * @returns whether it is done.
   */
  run(deadline: number): boolean {
    do {
      if (this.#steps.next().done === true) {
        return true;
      }
    } while (performance.now() < deadline);

    return false;
  }

  *#resort(): Generator<void, void> {
    const {size} = this.#table;
    for (const rows of sortInParts(size, this.#table.order(this.#options.sort))) {
      for (const row of rows) {
        this.all.append(row);
        if (this.#selects(row)) {
          this.visible.append(row);
        }
      }

      yield;
    }

    // The rows that have arrived meanwhile.
    for (let row = size; row < this.#table.size; row++) {
      this.all.insert(row);
      if (this.#selects(row)) {
        this.visible.insert(row);
      }

      if (row % step === 0) {
        yield;
      }
    }
  }

  *#filter(): Generator<void, void> {
    while (this.visible !== this.all && this.#next < this.all.size) {
      const row = this.all.at(this.#next++);
      // A row that was taken from a sorted order can be appended to the same order.
      if (row !== undefined && this.#selects(row)) {
        this.visible.append(row);
      }

      if (this.#next % step === 0) {
        yield;
      }
    }
  }

  /** Whether a row of `all` is one of those to pick for `visible`. */
  #selects(row: number): boolean {
    return this.visible !== this.all && isSelected(this.#table.name(row), this.#options);
  }

  /** A row has arrived meanwhile. It is in the table already and, unless this resorts, in `all`. */
  added(row: number): void {
    // Only a row that sorts before the current position would be missed.
    if (!this.resorts && this.visible !== this.all && this.all.rankOf(row) < this.#next) {
      this.#next++;
      if (this.#selects(row)) {
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
