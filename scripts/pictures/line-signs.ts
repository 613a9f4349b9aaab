/**
 * Draws line and block characters as shapes instead of text: they have to meet those of the next cell, and readers have
 * different fonts.
 */

/** The arms of a sign, from the middle of its cell: 0 none, 1 thin, 2 thick. */
type Arms = readonly [left: number, right: number, up: number, down: number];

const arms: Readonly<Record<string, Arms>> = {
  '─': [1, 1, 0, 0],
  '│': [0, 0, 1, 1],
  '├': [0, 1, 1, 1],
  '┤': [1, 0, 1, 1],
  '┬': [1, 1, 0, 1],
  '┴': [1, 1, 1, 0],
  '┼': [1, 1, 1, 1],
  '━': [2, 2, 0, 0],
  '╸': [2, 0, 0, 0],
  '╺': [0, 2, 0, 0],
  '╾': [2, 1, 0, 0],
  '╼': [1, 2, 0, 0],
};

/** Rounded corners: the sides that they join. */
const corners: Readonly<Record<string, readonly [toRight: boolean, toBottom: boolean]>> = {
  '╭': [true, true],
  '╮': [false, true],
  '╰': [true, false],
  '╯': [false, false],
};

/** Blocks, in the order of the eighths of the cell that they fill from the left. */
const blocks = [...'▏▎▍▌▋▊▉█'];

export type Cell = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

/** The sign in `cell` as an SVG element in `colour`; undefined if it is text. */
export function shapeOf(sign: string, cell: Cell, colour: string): string | undefined {
  const {x, y, width, height} = cell;
  const block = blocks.indexOf(sign);
  if (block >= 0) {
    const share = (width * (block + 1)) / blocks.length;
    return `<rect x="${short(x)}" y="${short(y)}" width="${short(share)}" height="${short(height)}" fill="${colour}"/>`;
  }

  const corner = corners[sign];
  const middle = {x: x + width / 2, y: y + height / 2};
  if (corner !== undefined) {
    const [toRight, toBottom] = corner;
    const side = toRight ? x + width : x;
    const end = toBottom ? y + height : y;
    const path = `M${short(side)} ${short(middle.y)}Q${short(middle.x)} ${short(middle.y)} ${short(middle.x)} ${short(end)}`;
    return `<path d="${path}" fill="none" stroke="${colour}"/>`;
  }

  const [left = 0, right = 0, up = 0, down = 0] = arms[sign] ?? [];
  const lines = [
    arm(left, x, middle.y, middle.x, middle.y),
    arm(right, middle.x, middle.y, x + width, middle.y),
    arm(up, middle.x, y, middle.x, middle.y),
    arm(down, middle.x, middle.y, middle.x, y + height),
  ].filter(line => line !== '');
  return lines.length === 0 ? undefined : `<g stroke="${colour}">${lines.join('')}</g>`;
}

function arm(weight: number, x1: number, y1: number, x2: number, y2: number): string {
  const thick = weight === 2 ? ' stroke-width="3"' : '';
  return weight === 0
    ? ''
    : `<path d="M${short(x1)} ${short(y1)}L${short(x2)} ${short(y2)}"${thick}/>`;
}

/** A length in pixels with at most two decimals. */
export function short(length: number): string {
  return String(Math.round(length * 100) / 100);
}
