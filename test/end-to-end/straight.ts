import type {Terminal} from '../fixtures/terminal.ts';

/** Whether each row that begins with a wall ends with one, in the last column. */
export function isStraight({cells}: Terminal, columns: number, rows: number): boolean {
  const framed = cells.filter(([first]) => /^[╭│├╰]$/.test(first?.text ?? ''));
  return (
    cells.length === rows &&
    framed.every(
      row =>
        row.reduce((sum, cell) => sum + cell.columns, 0) === columns &&
        /^[╮│┤╯]$/.test(row.at(-1)?.text ?? ''),
    )
  );
}
