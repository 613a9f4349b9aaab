/** The rows of a queue by id: recently used rows as records, the others packed. */
import type {Row, Turn} from './row.ts';
import {RowPack} from './row-pack.ts';

/** Number of ids in a pack. */
const packIds = 1024;

/** Most records. When there are more, all of them are packed. */
const mostRecords = 10_240;

export class RowMap {
  /** Undefined: the row does not exist. */
  readonly #records = new Map<number, Row | undefined>();
  /** Ids of rows that differ from their packs. */
  readonly #changed = new Set<number>();
  readonly #packs = new Map<number, RowPack>();

  /** The row as a record: the same object until the row changes, or thousands of other rows were used. */
  get(id: number): Row | undefined {
    if (this.#records.has(id)) {
      return this.#records.get(id);
    }

    const row = this.#packs.get(packOf(id))?.get(id);
    this.#remember(id, row);
    return row;
  }

  /** The part of a row that decides about its turn, without creating a record. */
  peek(id: number): Turn | undefined {
    return this.#records.has(id) ? this.#records.get(id) : this.#packs.get(packOf(id))?.peek(id);
  }

  /** Undefined: the row is gone. */
  set(id: number, row: Row | undefined): void {
    if (row === undefined && !this.#packs.has(packOf(id))) {
      // Rows that were never packed, and are removed, leave no entry that would have to be packed.
      this.#records.delete(id);
      this.#changed.delete(id);
      return;
    }

    this.#remember(id, row);
    this.#changed.add(id);
  }

  #remember(id: number, row: Row | undefined): void {
    if (this.#records.size >= mostRecords) {
      for (const number of new Set([...this.#changed].map(packOf))) {
        this.#pack(number);
      }

      this.#changed.clear();
      this.#records.clear();
    }

    this.#records.set(id, row);
  }

  #pack(number: number): void {
    const before = this.#packs.get(number);
    const rows = Array.from({length: packIds}, (_, index) => number * packIds + index).flatMap(
      id => (this.#records.has(id) ? this.#records.get(id) : before?.get(id)) ?? [],
    );
    this.#packs.delete(number);
    if (rows.length > 0) {
      this.#packs.set(number, new RowPack(rows));
    }
  }
}

function packOf(id: number): number {
  return Math.floor(id / packIds);
}
