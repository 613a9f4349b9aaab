/** Writes tables to standard output, and progress to standard error. */

export function log(line: string): void {
  console.error(line);
}

/** Print a table of these cells; the first row is its head. */
export function printRows(title: string, rows: ReadonlyArray<readonly string[]>): void {
  console.log(`\n${title}\n${tableOf(rows)}`);
}

/** The lines of a table: the first column is left-aligned, the others right-aligned. */
export function tableOf(rows: ReadonlyArray<readonly string[]>): string {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map(row => row[column]?.length ?? 0)),
  );
  return rows
    .map(row => {
      const cells = row.map((cell, column) => {
        const width = widths?.[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      });
      return `  ${cells.join('  ')}`.trimEnd();
    })
    .join('\n');
}
