/** A transfer and the number that orders it among those of its priority. */
export type Placed = {readonly id: number; readonly position: number};

/**
 * Move the one at index `from` of `rows`, which are in order, by so many places; negative: towards
 * the front. It stops at the ends.
 *
 * @returns its index then, and the rows that need another position, with that: mostly itself alone.
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
  // Between two numbers there is not for ever room for one more.
  const changed =
    position > before && position < after
      ? [{id: row.id, position}]
      : others.toSpliced(to, 0, row).map(({id}, index) => ({id, position: index + 1}));
  return {to, changed};
}
