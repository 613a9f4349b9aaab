/** A picture of a file: one cell for each block, or for a group of them if there are many. */
import type {BlockState, BlockView} from '../../../transfers/terms/block-view.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import type {Tone} from '../../terminal/theme.ts';
import {plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {repeat} from '../../text/width.ts';
import {type Line, type Span, span} from '../line/span.ts';

/** The worst first: one bad block must not hide among good ones, nor one that is to come. */
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

/** Lines of at most `columns` cells, at most `rows` of them with the legend. */
export function blockMap(glyphs: Glyphs, blocks: BlockView, columns: number, rows: number): Line[] {
  const {count} = blocks;
  if (rows <= 0 || columns <= 0 || count === 0) {
    return [];
  }

  const grouped = count > columns * rows;
  const cells = columns * (grouped ? Math.max(1, rows - 1) : rows);
  const each = Math.ceil(count / cells);
  const states = Array.from({length: Math.ceil(count / each)}, (_, index) =>
    worstOf(blocks, index * each, Math.min(count, (index + 1) * each)),
  );
  const lines = Array.from({length: Math.ceil(states.length / columns)}, (_, index) =>
    cellLine(glyphs, states.slice(index * columns, (index + 1) * columns)),
  );
  return grouped && rows > 1
    ? [...lines, [span(say`a cell: ${plural(each, 'block')}, the worst shows`, 'faint')]]
    : lines;
}

/** The worst state of a group. */
function worstOf({at}: BlockView, from: number, to: number): BlockState {
  let worst = worstFirst.length - 1;
  for (let index = from; index < to && worst > 0; index++) {
    worst = Math.min(worst, worstFirst.indexOf(at(index)));
  }

  return worstFirst[worst] ?? 'good';
}

/** Cells side by side that say the same are one piece of text. */
function cellLine(glyphs: Glyphs, states: readonly BlockState[]): Line {
  const line: Span[] = [];
  for (let from = 0; from < states.length; ) {
    const state = states[from] ?? 'good';
    let to = from;
    while (to < states.length && states[to] === state) {
      to++;
    }

    line.push(span(repeat(glyphs[signs[state]], to - from), tones[state]));
    from = to;
  }

  return line;
}

/** `■ 3 good  □ 2 missing  ▪ 1 on its way`: numbers of the blocks by what is known of them. */
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
      : [span(say`${glyphs[signs[state]]} ${number} ${words[state]}  `, tones[state])];
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
