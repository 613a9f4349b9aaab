/** Moves in a list that is longer than any screen: a first row without a number, then `…100.txt` to `…219.txt`. */
import type {Terminal} from '../../fixtures/terminal.ts';
import type {KeyRow, Walk} from './key-table.ts';

const firstRow = 99;
const lastRow = 219;

/** The files of such a list. Their names begin with `before`. */
export const numberedFiles = (before: string): Record<string, string> =>
  Object.fromEntries(
    Array.from({length: lastRow - firstRow}, (_, at) => [
      `${before}${firstRow + 1 + at}.txt`,
      'x'.repeat(at),
    ]),
  );

/** The number in the row with the cursor. The last match counts, because the files pane comes before other panes. */
function cursorAt(text: string): number | undefined {
  const row = [...text.matchAll(/▌([^\n│]+)/g)].at(-1)?.[1];
  return row === undefined ? undefined : Number(/(\d{3})\.txt/.exec(row)?.[1] ?? firstRow);
}

async function waitForRow(screen: Terminal, holds: (row: number) => boolean): Promise<number> {
  const text = await screen.waitFor(shown => {
    const row = cursorAt(shown);
    return row !== undefined && holds(row);
  });
  return cursorAt(text) ?? firstRow;
}

/** From the first or last row, press the key, wait until the cursor is where `holds` says, and go to the first row. */
function moving(
  action: string,
  keys: readonly string[],
  from: 'home' | 'end',
  holds: (row: number, page: number) => boolean,
): KeyRow {
  return {
    action,
    keys,
    async walk({screen, press}: Walk) {
      screen.press('home');
      await waitForRow(screen, row => row === firstRow);
      screen.press('pagedown');
      const page = (await waitForRow(screen, row => row > firstRow + 1)) - firstRow;
      screen.press(from);
      await waitForRow(screen, row => row === (from === 'home' ? firstRow : lastRow));
      press();
      await waitForRow(screen, row => holds(row, page));
      screen.press('home');
      await waitForRow(screen, row => row === firstRow);
    },
  };
}

export const moveRows: readonly KeyRow[] = [
  moving('up', ['up', 'k'], 'end', row => row === lastRow - 1),
  moving('down', ['down', 'j'], 'home', row => row === firstRow + 1),
  moving('page-up', ['pageup'], 'end', (row, page) => row === lastRow - page),
  moving('page-down', ['pagedown'], 'home', (row, page) => row === firstRow + page),
  moving('half-page-up', ['ctrl-u'], 'end', (row, page) => isHalf(lastRow - row, page)),
  moving('half-page-down', ['ctrl-d'], 'home', (row, page) => isHalf(row - firstRow, page)),
  moving('top', ['home', 'g'], 'end', row => row === firstRow),
  moving('bottom', ['end', 'G'], 'home', row => row === lastRow),
];

const isHalf = (rows: number, page: number): boolean => Math.abs(rows - page / 2) <= 1;
