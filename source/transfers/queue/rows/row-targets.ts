/** The targets of the rows of a queue: two transfers must never share a partial. */
import {NameTable} from '../../hashing/name-table.ts';
import {isSettled} from '../../terms/transfer-state.ts';
import {type Row, targetKeyOf} from './row.ts';

export class RowTargets {
  readonly #rowOf: (id: number) => Row | undefined;
  /** Ids of rows by target folder and local path; of rows that are gone, too, as long as they are the fewer. */
  #holders = new Map<string, NameTable>();
  #gone = 0;

  /** @param rowOf the row with an id as it is now; undefined if it was cleared. */
  constructor(rowOf: (id: number) => Row | undefined) {
    this.#rowOf = rowOf;
  }

  /** Have the target of `row` for it alone. @returns false if another row that is not settled has it. */
  reserve(row: Row): boolean {
    const isFree = !this.isTakenFrom(row);
    if (isFree) {
      this.#hold(row, targetKeyOf(row));
    }

    return isFree;
  }

  /** So many rows are gone, and these are left. */
  forget(count: number, left: Iterable<Row>): void {
    this.#gone += count;
    const kept = this.#holders.values().reduce((sum, {size}) => sum + size, 0);
    if (this.#gone * 2 > kept) {
      const before = this.#holders;
      this.#holders = new Map();
      this.#gone = 0;
      for (const row of left) {
        const {folder, localPath} = row.transfer;
        // One that got another name has the first one, still.
        for (const key of [localPath, targetKeyOf(row)]) {
          if (before.get(folder)?.get(key) === row.id) {
            this.#hold(row, key);
          }
        }
      }
    }
  }

  /** Whether another row that is not settled saves where `row` does. */
  isTakenFrom(row: Row): boolean {
    const id = this.#holders.get(row.transfer.folder)?.get(targetKeyOf(row));
    const holder = id === undefined ? undefined : this.#rowOf(id);
    return holder !== undefined && holder.id !== row.id && !isSettled(holder.state);
  }

  #hold({id, transfer: {folder}}: Row, key: string): void {
    const ids = this.#holders.get(folder) ?? new NameTable();
    ids.set(key, id);
    this.#holders.set(folder, ids);
  }
}
