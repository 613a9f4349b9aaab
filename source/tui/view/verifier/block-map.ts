/** A picture of a file: one cell for each block, or for a group of them if there are many. */
import type {BlockState, BlockView} from '../../../transfers/terms/block-view.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import type {Tone} from '../../terminal/theme.ts';
import {formatCount, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {padEnd, repeat, widthOf} from '../../text/width.ts';
import {type Line, type Span, span} from '../line/span.ts';

/** The worst first: a bad or outstanding block must not hide among good ones. */
const worstFirst = ['bad', 'missing', 'unread', 'arriving', 'read', 'good'] as const;

const signs = {
  bad: 'bad',
  missing: 'missing',
  unread: 'unknown',
  arriving: 'arriving',
  read: 'arriving',
  good: 'good',
} as const satisfies Readonly<Record<BlockState, keyof Glyphs>>;

const tones: Readonly<Record<BlockState, Tone>> = {
  bad: 'bad',
  missing: 'warning',
  unread: 'faint',
  arriving: 'accent',
  read: 'faint',
  good: 'good',
};

/**
 * Lines of at most `columns`, at most `rows` including the legend. Cells are in groups of eight if a line has room for
 * one; with several lines, each begins with the number of its first block.
 */
export function blockMap(glyphs: Glyphs, blocks: BlockView, columns: number, rows: number): Line[] {
  const {count} = blocks;
  if (rows <= 0 || columns <= 0 || count === 0) {
    return [];
  }

  const {perLine, label} = shapeOf(count, columns);
  const grouped = count > perLine * rows;
  const cells = perLine * (grouped ? Math.max(1, rows - 1) : rows);
  const each = Math.ceil(count / cells);
  const states = Array.from({length: Math.ceil(count / each)}, (_, index) =>
    worstOf(blocks, index * each, Math.min(count, (index + 1) * each)),
  );
  const lines = Array.from({length: Math.ceil(states.length / perLine)}, (_, index): Line => {
    const first = index * perLine;
    const line = cellLine(glyphs, states.slice(first, first + perLine), perLine === columns);
    return label === 0 ? line : [span(padEnd(formatCount(first * each), label), 'faint'), ...line];
  });
  return grouped && rows > 1
    ? [...lines, [span(say`a cell: ${plural(each, 'block')}, the worst shows`, 'faint')]]
    : lines;
}

const groupCells = 8;

/** Cells of a line, and the columns before them for the number of its first block. */
function shapeOf(count: number, columns: number): {perLine: number; label: number} {
  const cellsIn = (room: number) => Math.floor((room + 1) / (groupCells + 1)) * groupCells;
  if (count <= Math.max(groupCells, cellsIn(columns))) {
    return {perLine: cellsIn(columns) || columns, label: 0};
  }

  const label = widthOf(formatCount(count)) + 2;
  const perLine = cellsIn(columns - label);
  return perLine < groupCells ? {perLine: columns, label: 0} : {perLine, label};
}

/** The worst state of a group. */
function worstOf({at}: BlockView, from: number, to: number): BlockState {
  let worst = worstFirst.length - 1;
  for (let index = from; index < to && worst > 0; index++) {
    worst = Math.min(worst, worstFirst.indexOf(at(index)));
  }

  return worstFirst[worst] ?? 'good';
}

/** Neighbouring cells of the same state are one piece of text. `isTight`: no gaps between groups. */
function cellLine(glyphs: Glyphs, states: readonly BlockState[], isTight: boolean): Line {
  const line: Span[] = [];
  for (let from = 0; from < states.length; ) {
    const state = states[from] ?? 'good';
    const end = isTight ? states.length : from - (from % groupCells) + groupCells;
    let to = from;
    while (to < end && states[to] === state) {
      to++;
    }

    const gap = !isTight && to % groupCells === 0 && to < states.length ? say` ` : say``;
    line.push(span(say`${repeat(glyphs[signs[state]], to - from)}${gap}`, tones[state]));
    from = to;
  }

  return line;
}

/** `■ 3 good  □ 2 missing  ▪ 1 on its way`: numbers of the blocks in each state. */
export function blockCounts(glyphs: Glyphs, {count, at}: BlockView): Line {
  const numbers = new Map<BlockState, number>();
  for (let index = 0; index < count; index++) {
    const state = at(index);
    numbers.set(state, (numbers.get(state) ?? 0) + 1);
  }

  return (['good', 'missing', 'bad', 'arriving', 'read', 'unread'] as const).flatMap(state => {
    const number = numbers.get(state) ?? 0;
    return number === 0
      ? []
      : [span(say`${glyphs[signs[state]]} ${formatCount(number)} ${words[state]}  `, tones[state])];
  });
}

const words = {
  good: say`good`,
  missing: say`missing`,
  bad: say`bad`,
  arriving: say`on the way`,
  read: say`read here`,
  unread: say`to read`,
} as const;
