/** A picture of a file: one cell for each block, or for a group of them if there are many. */
import type {BlockVerdict} from '../../../transfers/download/verify.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import type {Tone} from '../../terminal/theme.ts';
import {plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {repeat} from '../../text/width.ts';
import {type Line, type Span, span} from '../line/span.ts';

const worstFirst = ['bad', 'missing', 'good'] as const satisfies readonly BlockVerdict[];
const tones: Readonly<Record<BlockVerdict, Tone>> = {good: 'good', missing: 'warning', bad: 'bad'};

/** Lines of at most `columns` cells, at most `rows` of them with the legend. */
export function verdictMap(
  glyphs: Glyphs,
  blocks: readonly BlockVerdict[],
  columns: number,
  rows: number,
): Line[] {
  if (rows <= 0 || columns <= 0 || blocks.length === 0) {
    return [];
  }

  const grouped = blocks.length > columns * rows;
  const cells = columns * (grouped ? Math.max(1, rows - 1) : rows);
  const each = Math.ceil(blocks.length / cells);
  const verdicts = Array.from({length: Math.ceil(blocks.length / each)}, (_, index) =>
    worstOf(blocks, index * each, (index + 1) * each),
  );
  const lines = Array.from({length: Math.ceil(verdicts.length / columns)}, (_, index) =>
    cellLine(glyphs, verdicts.slice(index * columns, (index + 1) * columns)),
  );
  return grouped && rows > 1
    ? [...lines, [span(say`a cell: ${plural(each, 'block')}, the worst shows`, 'faint')]]
    : lines;
}

/** The worst verdict of a group: one bad block must not hide among good ones. */
function worstOf(blocks: readonly BlockVerdict[], from: number, to: number): BlockVerdict {
  let worst = worstFirst.length - 1;
  for (let index = from; index < Math.min(to, blocks.length); index++) {
    worst = Math.min(worst, worstFirst.indexOf(blocks[index] ?? 'good'));
  }

  return worstFirst[worst] ?? 'good';
}

/** Cells side by side that say the same are one piece of text. */
function cellLine(glyphs: Glyphs, verdicts: readonly BlockVerdict[]): Line {
  const line: Span[] = [];
  for (let from = 0; from < verdicts.length; ) {
    const verdict = verdicts[from] ?? 'good';
    let to = from;
    while (to < verdicts.length && verdicts[to] === verdict) {
      to++;
    }

    line.push(span(repeat(glyphs[verdict], to - from), tones[verdict]));
    from = to;
  }

  return line;
}
