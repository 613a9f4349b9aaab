/** Applies events to rows, in the one place where rows change, and tells who shows or stores them. */
import {ClearedRows} from './cleared-rows.ts';
import type {Publisher} from './publisher.ts';
import {type Row, type RowEvent, rowAfter} from './row.ts';
import type {Rows} from './rows.ts';

export class RowChanges {
  readonly #rows: Rows;
  readonly #publisher: Publisher;
  readonly #changed: (row: Row) => void;
  readonly #cleared = new ClearedRows();

  /** @param changed hears of each row that is other than before, to store it. */
  constructor(rows: Rows, publisher: Publisher, changed: (row: Row) => void) {
    this.#rows = rows;
    this.#publisher = publisher;
    this.#changed = changed;
  }

  /**
   * Something happens to a row. A counter is shown with the next tick, anything else soon.
   *
   * @returns the row then; undefined if it was cleared.
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
   * Rows get other places in the queue, each by its event: all in one pass, since to move them one by
   * one takes as many steps as there are rows, for each.
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

  /** New rows, or rows as the database has them. */
  put(rows: readonly Row[]): void {
    this.#rows.put(rows);
    this.#publisher.soon(rows.map(({id}) => id));
  }

  /** Rows are cleared: they go, and are kept to be brought back. */
  clear(ids: readonly number[]): void {
    this.#cleared.keep(ids.flatMap(id => this.#rows.get(id) ?? []));
    this.forget(ids);
  }

  /**
   * Bring back rows that were cleared.
   *
   * @param recall gives those that were cleared before this process could see them.
   * @returns those that are back.
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

  /** Rows that are gone for good. */
  forget(ids: readonly number[]): void {
    this.#rows.forget(ids);
    this.#publisher.soon(ids);
  }
}

function isCounter({type}: RowEvent): boolean {
  return type === 'progress' || type === 'speed' || type === 'check' || type === 'copy';
}
