/**
 * Sorts many rows, some at a time. Some rows of a sample divide the order into parts. Each row is put into its part, and
 * then each part is sorted: a part and its keys fit into the cache of the processor, all rows do not.
 *
 *     rows ──▶ sample: [ 4 9 2 ] ──▶ parts: [ … 4 ] [ … 9 ] [ … 2 ] [ … ] ──▶ each sorted
 */
import type {RowOrder} from './entry-table.ts';

/** Most parts: with a million rows, a part has about 2,000 rows, and sorting it takes a millisecond. */
const mostParts = 512;
/** Rows of a small part. */
const fewRows = 256;
/** Rows of the sample for each part: with more of them, the parts differ less in size. */
const samplesEach = 4;
/** Rows that are put into their parts before the caller has a turn. */
const step = 256;

/**
 * Sort the rows from 0 to `size - 1`. Between two results the caller can do other work; rows may be added meanwhile, but
 * they are not sorted.
 *
 * @returns rows, each time those that follow the earlier ones; none as long as no part is sorted.
 */
export function* sortInParts(size: number, order: RowOrder): Generator<readonly number[], void> {
  const dividers = new Dividers(size, order);
  const partOf = new Uint16Array(size);
  const starts = new Uint32Array(dividers.parts + 1);
  for (let row = 0; row < size; row++) {
    const part = dividers.partOf(row);
    partOf[row] = part;
    starts[part + 1] = (starts[part + 1] ?? 0) + 1;
    if (row % step === 0) {
      yield [];
    }
  }

  for (let part = 1; part < starts.length; part++) {
    starts[part] = (starts[part] ?? 0) + (starts[part - 1] ?? 0);
  }

  const rows = new Uint32Array(size);
  const next = starts.slice();
  for (const [row, part] of partOf.entries()) {
    const place = next[part] ?? 0;
    rows[place] = row;
    next[part] = place + 1;
  }

  for (let part = 0; part < dividers.parts; part++) {
    yield sorted(rows.subarray(starts[part], starts[part + 1]), order);
  }
}

/** Rows with their keys, which are read more often than once. */
class KeyedRows {
  readonly rows: ArrayLike<number>;
  readonly #order: RowOrder;
  readonly #firstKeys: Float64Array;
  readonly #secondKeys: Float64Array;

  constructor(rows: ArrayLike<number>, order: RowOrder) {
    this.rows = rows;
    this.#order = order;
    this.#firstKeys = Float64Array.from(rows, order.firstKey);
    this.#secondKeys = Float64Array.from(rows, order.secondKey);
  }

  /** Compare the row at `place` with `row`, whose keys the caller has. */
  compare(place: number, row: number, firstKey: number, secondKey: number): number {
    const first = (this.#firstKeys[place] ?? 0) - firstKey;
    if (first < 0 || first > 0) {
      return first;
    }

    const second = (this.#secondKeys[place] ?? 0) - secondKey;
    return second < 0 || second > 0 ? second : this.#order.compare(this.rows[place] ?? 0, row);
  }

  /** Compare the rows at two places. */
  compareBoth(a: number, b: number): number {
    return this.compare(a, this.rows[b] ?? 0, this.#firstKeys[b] ?? 0, this.#secondKeys[b] ?? 0);
  }
}

/** The last row of each part but the last one. */
class Dividers {
  /** Number of parts. */
  readonly parts: number;
  readonly #order: RowOrder;
  readonly #keyed: KeyedRows;

  constructor(size: number, order: RowOrder) {
    this.parts = Math.min(mostParts, Math.ceil(size / fewRows));
    const sample = Array.from({length: this.parts * samplesEach}, () =>
      Math.floor(Math.random() * size),
    ).sort(order.compare);
    const rows = sample.filter((_, index) => index > 0 && index % samplesEach === 0);
    this.#order = order;
    this.#keyed = new KeyedRows(rows, order);
  }

  partOf(row: number): number {
    const [firstKey, secondKey] = [this.#order.firstKey(row), this.#order.secondKey(row)];
    let low = 0;
    let high = this.#keyed.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keyed.compare(middle, row, firstKey, secondKey) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }

    return low;
  }
}

function sorted(rows: Uint32Array, order: RowOrder): number[] {
  const keyed = new KeyedRows(rows, order);
  const places = Uint32Array.from(rows, (_, place) => place);
  return Array.from(
    places.sort((a, b) => keyed.compareBoth(a, b)),
    place => rows[place] ?? 0,
  );
}
