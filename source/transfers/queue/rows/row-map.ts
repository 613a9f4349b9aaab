/** The rows of a queue by id: those that were used lately as records, the others packed. */
import type {Row} from './row.ts';
import {RowPack} from './row-pack.ts';

/** Ids that share a pack. */
const packIds = 1024;

/** Records that were changed, or read, before they are left to the packs. */
const mostRecords = 4096;

export class RowMap {
  readonly #packs = new Map<number, RowPack>();
  /** Rows that are other than in their packs; undefined: forgotten. */
  #changed = new Map<number, Row | undefined>();
  /** Rows that were used since, and before: one in use stays one object. */
  #recent = new Map<number, Row>();
  #older: ReadonlyMap<number, Row | undefined> = new Map();

  get(id: number): Row | undefined {
    if (this.#changed.has(id)) {
      return this.#changed.get(id);
    }

    const recent = this.#recent.get(id);
    if (recent !== undefined) {
      return recent;
    }

    const row = this.#older.get(id) ?? this.#packs.get(packOf(id))?.get(id);
    if (row !== undefined && this.#recent.set(id, row).size >= mostRecords) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }

    return row;
  }

  /** Keep `row`; undefined: forget the one with this id. */
  set(id: number, row: Row | undefined): void {
    if (this.#changed.set(id, row).size >= mostRecords) {
      this.#pack();
    }
  }

  #pack(): void {
    for (const number of new Set([...this.#changed.keys()].map(packOf))) {
      const before = this.#packs.get(number);
      const rows = Array.from({length: packIds}, (_, index) => number * packIds + index).flatMap(
        id => (this.#changed.has(id) ? this.#changed.get(id) : before?.get(id)) ?? [],
      );
      if (rows.length > 0) {
        this.#packs.set(number, new RowPack(rows));
      } else {
        this.#packs.delete(number);
      }
    }

    this.#older = this.#changed;
    this.#recent = new Map();
    this.#changed = new Map();
  }
}

function packOf(id: number): number {
  return Math.floor(id / packIds);
}
