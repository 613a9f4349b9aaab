/** The targets of the rows of a queue. Two transfers must never share a partial. */
import {NameTable} from '../../hashing/name-table.ts';
import {isSettled} from '../../terms/transfer-state.ts';
import {type Row, targetKeyOf} from './row.ts';

export class RowTargets {
  readonly #rowOf: (id: number) => Row | undefined;
  /** Ids of rows by target folder and local path. */
  readonly #holders = new Map<string, NameTable>();

  /** @param rowOf returns the current row with an id; undefined if it was cleared. */
  constructor(rowOf: (id: number) => Row | undefined) {
    this.#rowOf = rowOf;
  }

  /** Reserve the target of `row` for it alone. @returns false if another unsettled row has it. */
  reserve(row: Row): boolean {
    const {folder} = row.transfer;
    const ids = this.#holders.get(folder) ?? new NameTable();
    const key = targetKeyOf(row);
    const isFree = !this.#isOthers(ids.get(key), row);
    if (isFree) {
      ids.set(key, row.id);
      this.#holders.set(folder, ids);
    }

    return isFree;
  }

  /** The row was removed: forget its target. */
  forget(row: Row): void {
    const ids = this.#holders.get(row.transfer.folder);
    const key = targetKeyOf(row);
    if (ids?.get(key) === row.id) {
      ids.delete(key);
    }
  }

  /** Whether another unsettled row has the same target as `row`. */
  isTakenFrom(row: Row): boolean {
    return this.#isOthers(this.#holders.get(row.transfer.folder)?.get(targetKeyOf(row)), row);
  }

  #isOthers(holderId: number | undefined, row: Row): boolean {
    const holder = holderId === undefined ? undefined : this.#rowOf(holderId);
    return holder !== undefined && holder.id !== row.id && !isSettled(holder.state);
  }
}
