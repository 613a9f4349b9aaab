/** The columns of the files pane: pure arithmetic on its width. */

export type FileColumns = {
  /** The cursor, the mark, and spaces around them. */
  readonly front: number;
  readonly name: number;
  readonly size: number;
  /** 0 where there is no room for it: the date goes first. */
  readonly changed: number;
  /** What is here of the entry. */
  readonly here: number;
};

export const columnGap = 2;

const front = 4;
const size = 8;
/** `today 18:12`. */
const changed = 11;
/** Columns of the pane from which it has room for dates. */
const changedFrom = 56;
/** Columns from which the last column has a head. */
const headedFrom = 40;

/** The columns in a pane of so many; there are gaps between them, and one column of margin behind them. */
export function fileColumns(columns: number): FileColumns {
  const here = columns >= headedFrom ? 4 : 1;
  const date = columns >= changedFrom ? changed : 0;
  const behind = size + here + 2 * columnGap + (date === 0 ? 0 : date + columnGap) + 1;
  return {front, name: Math.max(4, columns - front - behind), size, changed: date, here};
}
