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

/** Index in the ordered `rows` of the first that does not come before `row`: its own, if it stands there. */
export function placeIn(rows: readonly Row[], row: Row): number {
  let from = 0;
  let to = rows.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const other = rows[middle];
    if (other !== undefined && compareRows(other, row) < 0) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }

  return from;
}

/** Put `row` in place of its last record, at index `at` of the ordered `rows`. @returns its index now. */
export function replaceAt(rows: Row[], at: number, row: Row): number {
  const before = rows[at];
  if (before !== undefined && compareRows(before, row) === 0) {
    rows[at] = row;
    return at;
  }

  rows.splice(at, 1);
  const to = placeIn(rows, row);
  rows.splice(to, 0, row);
  return to;
}

/** `row`, and on each side up to so many of its priority that are not settled; in order. */
export function equalsAround(rows: readonly Row[], row: Row, most: number): Row[] {
  const at = placeIn(rows, row);
  const towards = (step: 1 | -1): Row[] => {
    const found: Row[] = [];
    for (let index = at + step; found.length < most; index += step) {
      const other = rows[index];
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
