/**
 * The places of the panes: pure arithmetic from the size of the terminal. Panes share their walls,
 * and a wall carries the title of the pane below it:
 *
 *     header
 *     ╭─ 1 Files ──┬─ 2 Verifier ─╮      ╭─ 1 Files ────╮
 *     │            │              │      │              │  the pane with the keys is open
 *     ├─ 3 Transfers ─────────────┤      ├─ 2 Verifier ─┤  a folded one is its wall alone
 *     │                           │      ╰─ 3 Transfers ╯
 *     ╰───────────────────────────╯
 *     footer
 */

export const panes = ['files', 'verifier', 'transfers'] as const;
export type Pane = (typeof panes)[number];

export type Size = {readonly columns: number; readonly rows: number};

/** The content of a pane, inside its walls; columns and rows of the screen count from 0. */
export type Area = Size & {readonly left: number; readonly top: number};

export type Layout = {
  /**
   * `wide`: files and verifier side by side, transfers below. `stacked`: all three one below the other. `folded`: one
   * below the other, and panes without the focus are one line.
   */
  readonly mode: 'wide' | 'stacked' | 'folded' | 'tooSmall';
  /** A pane without rows is folded. */
  readonly panes: Readonly<Record<Pane, Area>>;
};

/** Rows with content, for panes whose height depends on it. */
export type Needs = {readonly transfers: number};

export const minimum: Size = {columns: 40, rows: 10};

/** Width from which panes stand side by side. */
const wideFrom = 70;
/** Rows that a stack of three open panes needs to show something in each. */
const stackFrom = 24;
/** The size of the right pane from which a preview shows by itself. */
const previewFrom: Size = {columns: 60, rows: 24};
/** The header and the footer. */
const bars = 2;
/** The largest part of the rows for a queue with work. */
const transfersPart = 0.4;
/** The width of a digest and its label: the verifier needs no more. */
const mostVerifierColumns = 72;

/** The panes for a terminal of this size; in a `folded` layout, `focus` is the open one. */
export function layoutFor(screen: Size, focus: Pane, needs: Needs): Layout {
  const {columns, rows} = screen;
  if (columns < minimum.columns || rows < minimum.rows) {
    const none = {left: 0, top: 0, columns: 0, rows: 0};
    return {mode: 'tooSmall', panes: {files: none, verifier: none, transfers: none}};
  }

  if (columns >= wideFrom) {
    return {mode: 'wide', panes: wide(screen, needs)};
  }

  if (rows >= stackFrom) {
    const height = rows - bars - 4;
    const transfers = heightOfTransfers(height, needs);
    const verifier = Math.max(3, Math.floor(height * 0.25));
    return {
      mode: 'stacked',
      panes: stack(screen, {files: height - transfers - verifier, verifier, transfers}),
    };
  }

  // The lowest wall is a line of its own below an open pane; else it is the wall of the transfers.
  const open = rows - bars - (focus === 'transfers' ? 4 : 3);
  const heights = {files: 0, verifier: 0, transfers: 0, [focus]: open};
  return {mode: 'folded', panes: stack(screen, heights)};
}

function wide({columns, rows}: Size, needs: Needs): Record<Pane, Area> {
  const height = rows - bars - 3;
  const transfers = heightOfTransfers(height, needs);
  const upper = height - transfers;
  const inner = columns - 3;
  const verifier = Math.min(mostVerifierColumns, Math.round(columns * 0.385));
  const files = inner - verifier;
  return {
    files: {left: 1, top: 2, columns: files, rows: upper},
    verifier: {left: files + 2, top: 2, columns: verifier, rows: upper},
    transfers: {left: 1, top: upper + 3, columns: columns - 2, rows: transfers},
  };
}

function stack({columns}: Size, heights: Readonly<Record<Pane, number>>): Record<Pane, Area> {
  const area = (top: number, rows: number): Area => ({left: 1, top, columns: columns - 2, rows});
  const {files, verifier, transfers} = heights;
  return {
    files: area(2, files),
    verifier: area(files + 3, verifier),
    transfers: area(files + verifier + 4, transfers),
  };
}

/** An idle queue has one line of words; a queue with work gets the rows that it needs, up to a part of all rows. */
function heightOfTransfers(height: number, {transfers}: Needs): number {
  return Math.max(1, Math.min(transfers, Math.floor(height * transfersPart)));
}

/** Whether the right pane has more room than the facts about an entry need. */
export function hasPreviewRoom({mode, panes: {verifier}}: Layout): boolean {
  const {columns, rows} = previewFrom;
  return mode === 'wide' && verifier.columns >= columns && verifier.rows >= rows;
}

/** Rows of `area` for the column heads of the files pane. */
export function headRows({rows}: Size): number {
  return rows >= 4 ? 1 : 0;
}

/** Rows of `area` for the totals above a list of results in the verifier. */
export function resultHeadRows({rows}: Size): number {
  return rows >= 4 ? 2 : Math.max(0, rows - 1);
}

/** Lines of the help page that fit on a screen. */
export function helpRoom({rows}: Size): number {
  return Math.max(1, rows - 4);
}
