/** Applies events to rows, as the only place where rows change, and informs the code that shows or stores them. */
import {ClearedRows} from './cleared-rows.ts';
import type {Publisher} from './publisher.ts';
import {type Row, type RowEvent, rowAfter} from './row.ts';
import type {Rows} from './rows.ts';

export class RowChanges {
  readonly #rows: Rows;
  readonly #publisher: Publisher;
  readonly #changed: (row: Row) => void;
  readonly #cleared = new ClearedRows();

  /** @param changed called with each changed row, to store it. */
  constructor(rows: Rows, publisher: Publisher, changed: (row: Row) => void) {
    this.#rows = rows;
    this.#publisher = publisher;
    this.#changed = changed;
  }

  /**
   * Apply an event to a row. A counter is shown at the next tick, any other change soon.
   *
   * @returns the new row; undefined if it was cleared.
   */
  apply(id: number, event: RowEvent): Row | undefined {
    const before = this.#rows.get(id);
    if (before === undefined) {
      return undefined;
    }

    const row = rowAfter(before, event);
    if (row !== before) {
      this.#rows.putOne(before, row);
      this.#changed(row);
      if (isCounter(event) && row.state.name === before.state.name) {
        this.#publisher.later(id);
      } else {
        this.#publisher.soon([id]);
      }
    }

    return row;
  }

  /**
   * Move rows to other positions, each by its event, in one pass: moving them one by one would take as many steps for
   * each row as there are rows.
   */
  rearrange(events: ReadonlyMap<number, RowEvent & {type: 'placed' | 'prioritized'}>): void {
    const rows = [...events].flatMap(([id, event]) => {
      const before = this.#rows.get(id);
      return before === undefined ? [] : rowAfter(before, event);
    });
    if (rows.length > 0) {
      this.put(rows);
    }

    for (const row of rows) {
      this.#changed(row);
    }
  }

  /** Add new rows, or rows from the database. */
  put(rows: readonly Row[]): void {
    this.#rows.put(rows);
    this.#publisher.soon(rows.map(({id}) => id));
  }

  /** Clear rows. They are kept so that they can be restored. */
  clear(ids: readonly number[]): void {
    this.#cleared.keep(ids.flatMap(id => this.#rows.get(id) ?? []));
    this.forget(ids);
  }

  /**
   * Restore cleared rows.
   *
   * @param recall returns rows that were cleared before this process could see them.
   * @returns the restored rows.
   */
  restore(ids: readonly number[], recall: (ids: readonly number[]) => readonly Row[]): Row[] {
    const kept = this.#cleared.take(ids);
    const here = new Set(kept.map(({id}) => id));
    const others = ids.filter(id => !here.has(id) && this.#rows.get(id) === undefined);
    const rows = [...kept, ...(others.length > 0 ? recall(others) : [])];
    if (rows.length > 0) {
      this.put(rows);
    }

    return rows;
  }

  /** Remove rows for good. */
  forget(ids: readonly number[]): void {
    this.#rows.forget(ids);
    this.#publisher.soon(ids);
  }
}

function isCounter({type}: RowEvent): boolean {
  return type === 'progress' || type === 'speed' || type === 'check' || type === 'copy';
}
