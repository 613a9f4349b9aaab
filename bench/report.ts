/** Writes tables to standard output, and progress to standard error. */

export type Measurement = {seconds: number[]; clientPeakMB?: number; serverPeakMB?: number};

export function log(line: string): void {
  console.error(line);
}

/** Seconds and ratios; those of a round are taken before their median is. */
export function printTable(title: string, results: ReadonlyMap<string, Measurement>): void {
  const of = (name: string) => results.get(name)?.seconds ?? [];
  const rows = [['', 'min s', 'median s', '÷ cp', 'jangada ÷', 'client MB', 'server MB']];
  for (const [name, {seconds, clientPeakMB, serverPeakMB}] of results) {
    rows.push([
      name,
      Math.min(...seconds).toFixed(2),
      median(seconds).toFixed(2),
      ratio(seconds, of('cp')).toFixed(2),
      ratio(of('jangada'), seconds).toFixed(2),
      clientPeakMB?.toFixed(0) ?? '',
      serverPeakMB?.toFixed(0) ?? '',
    ]);
  }

  printRows(title, rows);
}

/** A table of these cells; the first row is its head. */
export function printRows(title: string, rows: ReadonlyArray<readonly string[]>): void {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map(row => row[column]?.length ?? 0)),
  );
  console.log(`\n${title}`);
  for (const row of rows) {
    const cells = row.map((cell, column) => {
      const width = widths?.[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(`  ${cells.join('  ')}`);
  }
}

/** The median of the ratios of the rounds. */
export function ratio(above: readonly number[], below: readonly number[]): number {
  return median(above.map((seconds, round) => seconds / (below[round] ?? Number.NaN)));
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
