/** Computes the columns of the files pane from its width. */

import {notation} from '../../../../protocol/program/notation.ts';

export type FileColumns = {
  /** The cursor, the mark, and spaces around them. */
  readonly front: number;
  readonly name: number;
  readonly size: number;
  /** 0 if there is no room: the date is dropped first. */
  readonly changed: number;
  /** The state of the local copy: a sign and a word, or 1 column for the sign alone. */
  readonly here: number;
};

export const columnGap = 2;

const front = 4;
const size = 8;
/** The sign and the longest word of the state. */
export const hereColumns = 9;
/** `today 18:12`, or `2025-01-12 09:41`. */
const changedColumns = {relative: 11, iso: 16} as const;
/** Width of the pane from which there is room for dates. */
const changedFrom = 64;
/** Width from which the last column has words. */
const wordsFrom = 44;

/** The columns of a pane of so many; there are gaps between them, and a margin of one column after them. */
export function fileColumns(columns: number): FileColumns {
  const here = columns >= wordsFrom ? hereColumns : 1;
  const changed = changedColumns[notation().dates];
  const date = columns >= changedFrom + changed - changedColumns.relative ? changed : 0;
  const behind = size + here + 2 * columnGap + (date === 0 ? 0 : date + columnGap) + 1;
  return {front, name: Math.max(4, columns - front - behind), size, changed: date, here};
}
