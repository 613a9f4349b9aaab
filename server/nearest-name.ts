/** The one of `names` that takes the fewest changes of single characters to be `name`. */
export function nearestName(name: string, names: readonly string[]): string {
  const wanted = name.toLowerCase().slice(0, 64);
  const [nearest = ''] = names.toSorted(
    (one, other) => changes(wanted, one) - changes(wanted, other),
  );
  return nearest;
}

function changes(from: string, to: string): number {
  let row = Array.from({length: to.length + 1}, (_, index) => index);
  for (let at = 1; at <= from.length; at++) {
    const next = [at];
    for (let place = 1; place <= to.length; place++) {
      const replaced = (row[place - 1] ?? 0) + (from[at - 1] === to[place - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[place] ?? 0) + 1, (next[place - 1] ?? 0) + 1));
    }

    row = next;
  }

  return row[to.length] ?? 0;
}
