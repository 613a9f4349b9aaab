/**
 * Numbers by row, in pages. A full page is packed into as few bytes as its numbers need: the sizes and times of entries
 * that come one after the other differ little. Pages never move: a column that doubles its memory needs the old and the
 * new one for a moment, and leaves holes that do not return to the system.
 *
 *     [ base 3, a byte each ] [ base 7, four bytes each ] … [ the open page ]
 */

const pageBits = 11;
/** Rows of a full page. */
export const pageRows = 2 ** pageBits;

/** The number of a row is `base + offset * step`. */
type Page = {
  readonly base: number;
  readonly step: number;
  readonly offsets: Uint8Array | Uint16Array | Uint32Array | Float64Array;
};

/**
 * The numbers of a page differ by multiples of 1. Times in milliseconds that were made from nanoseconds differ by
 * multiples of 1/4096: a double with such a time has no smaller fraction.
 */
const steps = [1, 1 / 4096];

/** The offsets of every page whose numbers are all equal. */
const zeros = new Uint8Array(pageRows);

export class Column {
  readonly #pages: Page[] = [];
  #open: number[] = [];

  /** Add the number of the next row. */
  push(number: number): void {
    this.#open.push(number);
    if (this.#open.length === pageRows) {
      this.#pages.push(packed(this.#open));
      this.#open = [];
    }
  }

  /** The number of a row; 0 if there is none. */
  at(row: number): number {
    const index = pageOf(row);
    const page = this.#pages[index];
    if (page !== undefined) {
      return numberAt(page, placeOf(row));
    }

    return index === this.#pages.length ? (this.#open[placeOf(row)] ?? 0) : 0;
  }
}

/** The index of the page of a row. */
export function pageOf(row: number): number {
  return row >>> pageBits;
}

/** The place of a row in its page. */
export function placeOf(row: number): number {
  return row & (pageRows - 1);
}

function numberAt({base, step, offsets}: Page, place: number): number {
  return base + (offsets[place] ?? 0) * step;
}

function packed(numbers: readonly number[]): Page {
  const base = Math.min(...numbers);
  const span = Math.max(...numbers) - base;
  for (const step of steps) {
    const page = {base, step, offsets: packedOffsets(numbers, base, step, span / step)};
    if (numbers.every((number, place) => numberAt(page, place) === number)) {
      return page;
    }
  }

  return {base: 0, step: 1, offsets: Float64Array.from(numbers)};
}

/** Offsets from 0 to `largest`. An offset with a fraction, or a too large one, is not kept exactly: the caller compares. */
function packedOffsets(
  numbers: readonly number[],
  base: number,
  step: number,
  largest: number,
): Page['offsets'] {
  if (largest === 0) {
    return zeros;
  }

  const offsets = numbers.map(number => (number - base) / step);
  if (largest < 2 ** 8) {
    return Uint8Array.from(offsets);
  }

  return largest < 2 ** 16 ? Uint16Array.from(offsets) : Uint32Array.from(offsets);
}
