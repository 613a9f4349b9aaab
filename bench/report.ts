/** Tables on standard output; what goes on, on standard error. */

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
      ratio(seconds, of('cp')),
      ratio(of('jangada'), seconds),
      clientPeakMB?.toFixed(0) ?? '',
      serverPeakMB?.toFixed(0) ?? '',
    ]);
  }

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

function ratio(above: readonly number[], below: readonly number[]): string {
  return median(above.map((seconds, round) => seconds / (below[round] ?? Number.NaN))).toFixed(2);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
