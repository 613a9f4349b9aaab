/** The sizes of the panes: pure arithmetic from the size of the terminal. */

export const panes = ['files', 'verifier', 'transfers'] as const;
export type Pane = (typeof panes)[number];

export type Size = {readonly columns: number; readonly rows: number};

export type Layout = {
  /**
   * `wide`: files and verifier side by side, transfers below. `stacked`: all three one below the
   * other. `folded`: one below the other, and those that do not have the keys are one line.
   */
  readonly mode: 'wide' | 'stacked' | 'folded' | 'tooSmall';
  /** Size of each pane with its frame; a pane of one row is folded. */
  readonly panes: Readonly<Record<Pane, Size>>;
};

export const minimum: Size = {columns: 40, rows: 10};

/** Columns from which panes stand side by side. */
const wideFrom = 70;
/** Rows that a stack of three panes needs to show anything in each. */
const stackFrom = 18;
/** The header and the footer. */
const bars = 2;

/** The panes for a terminal of this size; in a `folded` layout, `focus` is the open one. */
export function layoutFor({columns, rows}: Size, focus: Pane): Layout {
  const height = rows - bars;
  if (columns < minimum.columns || rows < minimum.rows) {
    const none = {columns: 0, rows: 0};
    return {mode: 'tooSmall', panes: {files: none, verifier: none, transfers: none}};
  }

  if (columns >= wideFrom) {
    return {mode: 'wide', panes: wide(columns, height)};
  }

  const size = (rows: number): Size => ({columns, rows});
  if (height >= stackFrom) {
    const verifier = Math.max(5, Math.floor(height * 0.25));
    const transfers = Math.max(5, Math.floor(height * 0.3));
    return {
      mode: 'stacked',
      panes: {
        files: size(height - verifier - transfers),
        verifier: size(verifier),
        transfers: size(transfers),
      },
    };
  }

  const heightOf = (pane: Pane): number => (pane === focus ? height - 2 : 1);
  return {
    mode: 'folded',
    panes: {
      files: size(heightOf('files')),
      verifier: size(heightOf('verifier')),
      transfers: size(heightOf('transfers')),
    },
  };
}

function wide(columns: number, height: number): Record<Pane, Size> {
  const transfers = Math.max(4, Math.min(14, Math.round(height * 0.34)));
  const top = height - transfers;
  // Beyond the width of a digest and its label the verifier shows no more.
  const verifier = Math.min(74, Math.round(columns * 0.4));
  return {
    files: {columns: columns - verifier, rows: top},
    verifier: {columns: verifier, rows: top},
    transfers: {columns, rows: transfers},
  };
}

/** Rows of content in a pane: what its frame leaves. */
export function innerRows({rows}: Size): number {
  return Math.max(0, rows - 2);
}

/** Lines of the help page that a screen has room for. */
export function helpRoom({rows}: Size): number {
  return Math.max(1, rows - 4);
}
