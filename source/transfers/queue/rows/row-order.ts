/** The order of the rows of a queue, by priority and then by position, and neighbours in it. */
import {rankOf} from '../../terms/priority.ts';
import {isSettled} from '../../terms/transfer-state.ts';
import type {Row, Turn} from './row.ts';
import type {RowMap} from './row-map.ts';

/** Negative: `one` comes first; 0: they are the same row. */
export function compareRows(one: Row, other: Row): number {
  return one.priority === other.priority
    ? one.position - other.position || one.id - other.id
    : rankOf(one.priority) - rankOf(other.priority);
}

/** The ids of rows in that order. New and moved rows are sorted in together, when the order is next needed. */
export class RowOrder {
  readonly #rows: RowMap;
  #placed: number[] = [];
  readonly #unplaced = new Set<number>();

  constructor(rows: RowMap) {
    this.#rows = rows;
  }

  get ids(): readonly number[] {
    if (this.#unplaced.size > 0) {
      const rows = [...this.#unplaced].flatMap(id => this.#rows.get(id) ?? []).sort(compareRows);
      const others = this.#placed.filter(id => !this.#unplaced.has(id));
      this.#unplaced.clear();
      this.#placed = [];
      let from = 0;
      for (const row of rows) {
        for (const to = this.#placeIn(others, row, from); from < to; from++) {
          this.#placed.push(others[from] ?? 0);
        }

        this.#placed.push(row.id);
      }

      this.#placed = this.#placed.concat(others.slice(from));
    }

    return this.#placed;
  }

  *[Symbol.iterator](): Generator<Row> {
    for (const id of this.ids) {
      const row = this.#rows.get(id);
      if (row !== undefined) {
        yield row;
      }
    }
  }

  get length(): number {
    return this.ids.length;
  }

  at(index: number): Row | undefined {
    return this.#rows.get(this.ids[index] ?? 0);
  }

  /** The part of a row that decides about its turn. */
  peek(index: number): Turn | undefined {
    return this.#rows.peek(this.ids[index] ?? 0);
  }

  slice(from: number, to?: number): Row[] {
    return this.ids.slice(from, to).flatMap(id => this.#rows.get(id) ?? []);
  }

  /** Add a new row, or one with a new position. */
  put(row: Row, isNew: boolean): void {
    const last = this.#rows.get(this.#placed.at(-1) ?? 0);
    const isLast = last === undefined || compareRows(last, row) <= 0;
    if (isNew && isLast && this.#unplaced.size === 0) {
      this.#placed.push(row.id);
    } else {
      this.#unplaced.add(row.id);
    }
  }

  remove(ids: ReadonlySet<number>): void {
    this.#placed = this.ids.filter(id => !ids.has(id));
  }

  /** Index of the first row that does not come before `row`: its own index, if it is in the order. */
  placeOf(row: Row): number {
    return this.#placeIn(this.ids, row, 0);
  }

  /** `row`, and on each side up to `most` unsettled rows of its priority, in order. */
  equalsAround(row: Row, most: number): Row[] {
    const at = this.placeOf(row);
    const towards = (step: 1 | -1): Row[] => {
      const found: Row[] = [];
      for (let index = at + step; found.length < most; index += step) {
        const other = this.peek(index);
        if (other?.priority !== row.priority) {
          break;
        }

        if (!isSettled(other.state)) {
          found.push(...this.slice(index, index + 1));
        }
      }

      return found;
    };
    return [...towards(-1).reverse(), row, ...towards(1)];
  }

  #placeIn(ids: readonly number[], row: Row, first: number): number {
    let from = first;
    let to = ids.length;
    // If many rows are inserted, the index is usually close to `first`, so the search step starts small and doubles.
    let middle = first;
    for (let step = 1; from < to; step *= 2) {
      const other = this.#rows.get(ids[middle] ?? 0);
      if (other !== undefined && compareRows(other, row) < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }

      middle = Math.min(from + step, (from + to) >>> 1);
    }

    return from;
  }
}

/** Finds the first row in an order that has a property, without looking at all rows. */
export class FirstRow {
  readonly #order: RowOrder;
  readonly #holds: (turn: Turn) => boolean;
  /** A current or former row before which no row has the property; undefined: no row has it. */
  #bound: Row | undefined;

  constructor(order: RowOrder, holds: (turn: Turn) => boolean) {
    this.#order = order;
    this.#holds = holds;
  }

  /** A row is new or has changed. */
  see(row: Row): void {
    if (this.#holds(row) && (this.#bound === undefined || compareRows(row, this.#bound) < 0)) {
      this.#bound = row;
    }
  }

  /** The index of that row; the length of the order if there is none. */
  get index(): number {
    let index = this.#bound === undefined ? this.#order.length : this.#order.placeOf(this.#bound);
    for (let turn = this.#order.peek(index); turn !== undefined && !this.#holds(turn); ) {
      index++;
      turn = this.#order.peek(index);
    }

    this.#bound = this.#order.at(index);
    return index;
  }
}
