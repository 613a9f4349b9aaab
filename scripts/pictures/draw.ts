/** Draws terminal screens as SVG: a still picture of one, or an animation of several. */
import type {Cell} from '../../test/fixtures/cells.ts';
import {hexOf, paletteOf, type Shade} from './colours.ts';
import {shapeOf, short} from './line-signs.ts';

export type Frame = {
  readonly cells: ReadonlyArray<readonly Cell[]>;
  /** How long an animation shows the frame. */
  readonly ms: number;
};

/** Pixels. The width is that of DejaVu Sans Mono; all text is fitted to it. */
const fontSize = 14;
const cellWidth = 8.43;
const cellHeight = 18;
const baseline = 13.5;
const margin = 12;
/** The part of its colour that faint text keeps. */
const faintness = 0.62;

/** An SVG of `frames`, which have the same size. */
export function draw(frames: readonly Frame[], shade: Shade): string {
  const rows = frames[0]?.cells ?? [];
  const columns = (rows[0] ?? []).reduce((sum, cell) => sum + cell.columns, 0);
  const width = columns * cellWidth + 2 * margin;
  const height = rows.length * cellHeight + 2 * margin;
  const {background, foreground, edge} = paletteOf(shade);
  const drawn = new DrawnRows(shade);
  const shown = frames.map(({cells}) => cells.map((row, index) => drawn.use(row, index)).join(''));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${short(width)} ${short(height)}" width="${short(width)}" height="${short(height)}">`,
    `<style>text{font:${fontSize}px 'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre;fill:${foreground}}rect{shape-rendering:crispEdges}.b{font-weight:bold}.u{text-decoration:underline}${animation(frames)}</style>`,
    `<defs>${drawn.definitions}</defs>`,
    `<rect x=".5" y=".5" width="${short(width - 1)}" height="${short(height - 1)}" rx="8" fill="${background}" stroke="${edge}"/>`,
    `<g transform="translate(${margin} ${margin})">`,
    ...(frames.length === 1
      ? shown
      : shown.map((rows, index) => `<g class="f f${index}">${rows}</g>`)),
    '</g></svg>\n',
  ].join('\n');
}

/** Style rules that show one frame at a time, in an endless loop. */
function animation(frames: readonly Frame[]): string {
  if (frames.length === 1) {
    return '';
  }

  const total = frames.reduce((sum, {ms}) => sum + ms, 0);
  const percent = (ms: number) => `${short((100 * ms) / total)}%`;
  let start = 0;
  const rules = frames.map(({ms}, index) => {
    const end = start + ms;
    const hidden = 'visibility:hidden';
    const rule = `@keyframes k${index}{0%{${start === 0 ? 'visibility:visible' : hidden}}${percent(start)}{visibility:visible}${percent(end)},100%{${end >= total ? 'visibility:visible' : hidden}}}.f${index}{animation-name:k${index}}`;
    start = end;
    return rule;
  });
  return `.f{visibility:hidden;animation:${total}ms step-end infinite}${rules.join('')}`;
}

/** The distinct rows; each is drawn once, however often it is shown. */
class DrawnRows {
  readonly #shade: Shade;
  readonly #ids = new Map<string, number>();

  constructor(shade: Shade) {
    this.#shade = shade;
  }

  get definitions(): string {
    return [...this.#ids].map(([row, id]) => `<g id="r${id}">${row}</g>`).join('\n');
  }

  /** A reference to the row, at its position. */
  use(row: readonly Cell[], index: number): string {
    const drawn = drawRow(row, this.#shade);
    if (drawn === '') {
      return '';
    }

    const id = this.#ids.get(drawn) ?? this.#ids.size;
    this.#ids.set(drawn, id);
    return `<use href="#r${id}" y="${short(index * cellHeight)}"/>`;
  }
}

type Style = {foreground: string | undefined; background: string | undefined; marks: string};

function drawRow(row: readonly Cell[], shade: Shade): string {
  const backgrounds: string[] = [];
  const signs: string[] = [];
  let column = 0;
  for (let from = 0; from < row.length; ) {
    const style = styleOf(row[from], shade);
    let to = from;
    let text = '';
    const start = column;
    // A shape, and a character that does not take one column, is drawn separately; the text between them is fitted.
    const alone = isAlone(row[from]);
    while (to < row.length && sameStyle(styleOf(row[to], shade), style)) {
      const cell = row[to];
      const isNext = to > from && (alone || isAlone(cell)) && !isLonger(row[from], cell);
      if (cell === undefined || isNext) {
        break;
      }

      text += cell.text;
      column += cell.columns;
      to++;
    }

    const place = {x: start * cellWidth, width: (column - start) * cellWidth};
    if (style.background !== undefined) {
      backgrounds.push(
        `<rect x="${short(place.x)}" width="${short(place.width)}" height="${cellHeight}" fill="${style.background}"/>`,
      );
    }

    signs.push(drawText(text, place, style, shade));
    from = to;
  }

  return [...backgrounds, ...signs].join('');
}

function isAlone(cell: Cell | undefined): boolean {
  return (
    cell === undefined ||
    cell.columns === 2 ||
    shapeOf(cell.text, {x: 0, y: 0, width: 1, height: 1}, '') !== undefined
  );
}

/** Whether `cell` continues the line or the bar of `first`. */
function isLonger(first: Cell | undefined, cell: Cell | undefined): boolean {
  return first?.text === cell?.text && ['─', '━', '█'].includes(first?.text ?? '');
}

function drawText(
  text: string,
  {x, width}: {x: number; width: number},
  {foreground, marks}: Style,
  shade: Shade,
): string {
  const trimmed = text.trimEnd();
  if (trimmed === '') {
    return '';
  }

  const colour = foreground ?? paletteOf(shade).foreground;
  // A longer line consists of the same sign several times.
  const shape = shapeOf(
    [...text].every(sign => sign === text[0]) ? (text[0] ?? '') : text,
    {x, y: 0, width, height: cellHeight},
    colour,
  );
  if (shape !== undefined) {
    return shape;
  }

  const fill = foreground === undefined ? '' : ` style="fill:${foreground}"`;
  const kind = marks === '' ? '' : ` class="${marks}"`;
  return `<text x="${short(x)}" y="${baseline}" textLength="${short(width - (text.length - trimmed.length) * cellWidth)}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"${kind}${fill}>${escaped(trimmed)}</text>`;
}

function styleOf(cell: Cell | undefined, shade: Shade): Style {
  if (cell === undefined) {
    return {foreground: undefined, background: undefined, marks: ''};
  }

  const palette = paletteOf(shade);
  const asked = hexOf(cell.foreground, shade);
  const behind = hexOf(cell.background, shade);
  const [front, back] = cell.inverse
    ? [behind ?? palette.background, asked ?? palette.foreground]
    : [asked, behind];
  const foreground = cell.faint
    ? blend(front ?? palette.foreground, back ?? palette.background)
    : front;
  const marks = [cell.bold ? 'b' : '', cell.underline ? 'u' : ''].filter(Boolean).join(' ');
  return {foreground, background: back, marks};
}

function sameStyle(one: Style, other: Style): boolean {
  return (
    one.foreground === other.foreground &&
    one.background === other.background &&
    one.marks === other.marks
  );
}

/** The faint form of `colour` on `background`. */
function blend(colour: string, background: string): string {
  const parts = [1, 3, 5].map(at => {
    const [front, back] = [colour, background].map(hex =>
      Number.parseInt(hex.slice(at, at + 2), 16),
    );
    const mixed = Math.round((front ?? 0) * faintness + (back ?? 0) * (1 - faintness));
    return mixed.toString(16).padStart(2, '0');
  });
  return `#${parts.join('')}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
