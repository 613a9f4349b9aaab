/** A cursor in rows of which only a window is shown: arithmetic on positions. */

export type Viewport = {
  /** The row with the cursor. */
  readonly cursor: number;
  /** The first row that is shown. */
  readonly offset: number;
};

export type Move =
  | {readonly by: 'row' | 'half' | 'page'; readonly count: number}
  /** Moves the window by so many rows; the cursor stays on its row as long as the row is visible. */
  | {readonly by: 'scroll'; readonly count: number}
  | {readonly to: 'top' | 'bottom'};

/** `viewport` after `move`, in `total` rows of which `height` are shown. */
export function moveCursor(
  viewport: Viewport,
  move: Move,
  total: number,
  height: number,
): Viewport {
  if ('by' in move && move.by === 'scroll') {
    return scrolled(viewport, move.count, total, height);
  }

  const step = 'by' in move ? stepOf(move.by, height) * move.count : 0;
  const cursor = 'to' in move ? (move.to === 'top' ? 0 : total - 1) : viewport.cursor + step;
  // A page moves the window with the cursor, so that the cursor stays on its line of the screen.
  const offset = 'by' in move && move.by !== 'row' ? viewport.offset + step : viewport.offset;
  return fitViewport({cursor, offset}, total, height);
}

/** Where the window cannot move further, the cursor moves. */
function scrolled(viewport: Viewport, count: number, total: number, height: number): Viewport {
  const {cursor, offset: before} = fitViewport(viewport, total, height);
  const offset = clamp(before + count, 0, Math.max(0, total - height));
  return offset === before
    ? fitViewport({cursor: cursor + count, offset}, total, height)
    : {cursor: clamp(cursor, offset, offset + height - 1), offset};
}

function stepOf(by: 'row' | 'half' | 'page', height: number): number {
  switch (by) {
    case 'row':
      return 1;
    case 'half':
      return Math.max(1, Math.floor(height / 2));
    case 'page':
      return Math.max(1, height - 1);
  }
}

/** The nearest viewport whose cursor is on a visible row, and whose window is as full as possible. */
export function fitViewport(viewport: Viewport, total: number, height: number): Viewport {
  const cursor = clamp(viewport.cursor, 0, Math.max(0, total - 1));
  const lowest = Math.max(0, cursor - height + 1);
  const offset = clamp(
    clamp(viewport.offset, lowest, cursor),
    0,
    Math.max(0, total - Math.max(1, height)),
  );
  return cursor === viewport.cursor && offset === viewport.offset ? viewport : {cursor, offset};
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
