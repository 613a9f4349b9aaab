/** A transfer, and the number that orders it among the transfers of its priority. */
export type Placed = {readonly id: number; readonly position: number};

/**
 * Move the row at index `from` of the sorted `rows` by `by` places (negative: towards the front). It stops at the ends.
 *
 * @returns its new index, and the rows that need a new position: usually only the moved row.
 */
export function movePlace(
  rows: readonly Placed[],
  from: number,
  by: number,
): {to: number; changed: Placed[]} {
  const row = rows[from];
  const to = Math.max(0, Math.min(rows.length - 1, from + by));
  if (row === undefined || to === from) {
    return {to: from, changed: []};
  }

  const others = rows.toSpliced(from, 1);
  const first = others[to]?.position ?? 0;
  const before = others[to - 1]?.position ?? first - 2;
  const after = others[to]?.position ?? before + 2;
  const position = (before + after) / 2;
  // Two numbers have room for one more between them only as far as their precision allows.
  const changed =
    position > before && position < after
      ? [{id: row.id, position}]
      : others.toSpliced(to, 0, row).map(({id}, index) => ({id, position: index + 1}));
  return {to, changed};
}
