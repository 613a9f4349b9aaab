/** The order of the rows of a queue, by priority and then by position, and neighbours in it. */
import {rankOf} from '../../terms/priority.ts';
import {isSettled} from '../../terms/transfer-state.ts';
import type {Row} from './row.ts';

/** Negative: `one` comes first; 0: they are the same row. */
export function compareRows(one: Row, other: Row): number {
  return one.priority === other.priority
    ? one.position - other.position || one.id - other.id
    : rankOf(one.priority) - rankOf(other.priority);
}

/** Ids of rows in the order of these; rows that get a place later are put in together. */
export class RowOrder {
  readonly #rowOf: (id: number) => Row | undefined;
  #ids: number[] = [];
  readonly #unplaced = new Set<number>();
  #lastPlace = 0;

  /** @param rowOf the row with an id as it is now. */
  constructor(rowOf: (id: number) => Row | undefined) {
    this.#rowOf = rowOf;
  }

  /** Rows that have their places. */
  get length(): number {
    return this.#ids.length;
  }

  get ids(): readonly number[] {
    return this.#ids;
  }

  at(index: number): Row | undefined {
    return this.#rowOf(this.#ids[index] ?? -1);
  }

  slice(from: number, to?: number): Row[] {
    return this.#ids.slice(from, to).flatMap(id => this.#rowOf(id) ?? []);
  }

  /** A row is new: at the end, or in its place with the next `order`. */
  add(row: Row): void {
    const last = this.at(this.#ids.length - 1);
    if (this.#unplaced.size === 0 && (last === undefined || compareRows(last, row) <= 0)) {
      this.#ids.push(row.id);
    } else {
      this.#unplaced.add(row.id);
    }
  }

  /** A row is to have another place with the next `order`. */
  displace(id: number): void {
    this.#unplaced.add(id);
  }

  remove(ids: ReadonlySet<number>): void {
    this.#ids = this.#ids.filter(id => !ids.has(id));
    for (const id of ids) {
      this.#unplaced.delete(id);
    }
  }

  /** Give rows their places that have none. @returns whether there were any. */
  order(): boolean {
    if (this.#unplaced.size === 0) {
      return false;
    }

    const rows = [...this.#unplaced].flatMap(id => this.#rowOf(id) ?? []).sort(compareRows);
    const others = this.#ids.filter(id => !this.#unplaced.has(id));
    this.#unplaced.clear();
    this.#ids = others;
    const ids: number[] = [];
    let from = 0;
    for (const row of rows) {
      for (const to = this.#placeFrom(from, row); from < to; from++) {
        ids.push(others[from] ?? 0);
      }

      ids.push(row.id);
    }

    this.#ids = ids.concat(others.slice(from));
    return true;
  }

  /** Index of a row that has its place. They are asked for in order, mostly: the last place, or the next one. */
  placeOf(row: Row): number {
    if (this.#ids[this.#lastPlace] !== row.id) {
      const next = this.#lastPlace + 1;
      this.#lastPlace = this.#ids[next] === row.id ? next : this.#placeFrom(0, row);
    }

    return this.#lastPlace;
  }

  /** Put `row` in place of its last record at index `at`. @returns its index now. */
  replace(at: number, before: Row, row: Row): number {
    if (compareRows(before, row) === 0) {
      return at;
    }

    this.#ids.splice(at, 1);
    const to = this.#placeFrom(0, row);
    this.#ids.splice(to, 0, row.id);
    return to;
  }

  /** `row`, and on each side up to so many of its priority that are not settled; in order. */
  equalsAround(row: Row, most: number): Row[] {
    const at = this.placeOf(row);
    const towards = (step: 1 | -1): Row[] => {
      const found: Row[] = [];
      for (let index = at + step; found.length < most; index += step) {
        const other = this.at(index);
        if (other === undefined || other.priority !== row.priority) {
          break;
        }

        if (!isSettled(other.state)) {
          found.push(other);
        }
      }

      return found;
    };
    return [...towards(-1).reverse(), row, ...towards(1)];
  }

  /** Index of the first, of those from `from` on, that does not come before `row`: looked for near there first. */
  #placeFrom(from: number, row: Row): number {
    const isBefore = (index: number) => {
      const other = this.at(index);
      return other !== undefined && compareRows(other, row) < 0;
    };
    let step = 1;
    while (isBefore(from + step - 1)) {
      from += step;
      step *= 2;
    }

    let to = Math.min(from + step - 1, this.#ids.length);
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (isBefore(middle)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }

    return from;
  }
}
