/**
 * Lays out a help page in up to three columns, as the width of the screen allows. A section is never split; the first
 * one begins at the top left, the others fill up the shortest column.
 */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import {asciiGlyphs} from '../../terminal/glyphs.ts';
import {widthOf, wrapWords} from '../../text/width.ts';
import type {Size} from '../layout.ts';
import type {HelpEntry, HelpSection} from './help-section.ts';

export type HelpLine =
  | {readonly kind: 'title'; readonly text: DisplayText}
  /** Without an entry, the line continues the text of the line above. */
  | {readonly kind: 'entry'; readonly entry: HelpEntry | undefined; readonly text: DisplayText}
  | {readonly kind: 'blank'};

export type HelpColumns = {
  readonly columns: ReadonlyArray<readonly HelpLine[]>;
  /** Columns of the screen for each column of the page, and how many of them the labels take. */
  readonly width: number;
  readonly labelWidth: number;
  /** Lines of the longest column. */
  readonly length: number;
};

/** Columns of the screen between two columns of the page. */
export const helpGap = 3;
/** Walls and margins of the box around the page. */
const around = 8;
/** The least and the most columns of the screen for a column of the page: more would help nobody. */
const least = 52;
const most = {alone: 76, beside: 58};
const mostColumns = 3;
const mostLabel = 14;

/**
 * @param all the sections of the page without a search: they decide the widths, so that a search does not change them.
 */
export function helpColumns(
  sections: readonly HelpSection[],
  all: readonly HelpSection[],
  screen: Size,
): HelpColumns {
  const room = Math.max(1, screen.columns - around);
  const fitting = Math.floor((room + helpGap) / (least + helpGap));
  const count = Math.max(1, Math.min(mostColumns, fitting));
  const width = Math.min(
    count === 1 ? most.alone : most.beside,
    Math.floor((room + helpGap) / count) - helpGap,
  );
  const labels = all.flatMap(({entries}) => entries.map(({label}) => widthOf(label)));
  const labelWidth = Math.min(mostLabel, Math.floor(width * 0.3), Math.max(...labels, 0) + 1);
  const columns = inColumns(
    sections.map(section => linesOf(section, width - labelWidth - indent - 1)),
    count,
  );
  return {columns, width, labelWidth, length: Math.max(...columns.map(lines => lines.length))};
}

/** Columns in front of a label. */
export const indent = 1;

function linesOf({title, entries}: HelpSection, textWidth: number): HelpLine[] {
  return [
    {kind: 'title', text: title},
    ...entries.flatMap(entry =>
      wrapWords(entry.text, Math.max(8, textWidth), asciiGlyphs).map(
        (text, index): HelpLine => ({kind: 'entry', entry: index === 0 ? entry : undefined, text}),
      ),
    ),
  ];
}

/** Long sections are placed first; within a column all keep the order of the page. */
function inColumns(sections: ReadonlyArray<readonly HelpLine[]>, count: number): HelpLine[][] {
  const heights = Array.from({length: count}, () => 0);
  const order = sections
    .map((lines, index) => ({index, height: index === 0 ? Number.POSITIVE_INFINITY : lines.length}))
    .toSorted((one, other) => other.height - one.height || one.index - other.index);
  const placed = new Map<number, number>();
  for (const {index} of order) {
    const column = heights.indexOf(Math.min(...heights));
    placed.set(index, column);
    heights[column] = (heights[column] ?? 0) + (sections[index]?.length ?? 0) + 1;
  }

  const columns = Map.groupBy(sections.keys(), index => placed.get(index));
  return Array.from({length: count}, (_, at) =>
    // Columns that begin with an earlier section stand further left.
    ([...columns.values()][at] ?? []).flatMap((index, row) => [
      ...(row === 0 ? [] : [blank]),
      ...(sections[index] ?? []),
    ]),
  );
}

const blank: HelpLine = {kind: 'blank'};
