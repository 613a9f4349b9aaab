/** One entry on one line, and the heads of the columns above. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import {columnGap, fileColumns} from '../../model/files/file-columns.ts';
import {type FileRow, parentRow} from '../../model/files/files-view.ts';
import type {SortOrder} from '../../model/files/table/entry-table.ts';
import type {HereState} from '../../model/here/here-state.ts';
import {joinTexts, say} from '../../text/say.ts';
import {cutMiddle, cutStart, padEnd, padStart, spaces} from '../../text/width.ts';
import {hereLine} from '../here/here-words.ts';
import {type Line, type Span, span} from '../line/span.ts';
import type {Look} from '../look.ts';

type FileLineProps = {
  readonly row: FileRow | typeof parentRow;
  readonly columns: number;
  readonly cursor: boolean;
  readonly marked: boolean;
  /** The state of its local copy. */
  readonly here: HereState | undefined;
};

const gap = spaces(columnGap);

/** `▌ ● name  7.5 MB  today 18:12  ✓ same` */
export function fileLine({glyphs}: Look, props: FileLineProps): Line {
  const {row, columns, cursor, marked, here} = props;
  const pointer = span(cursor ? glyphs.cursor : say` `, 'accent');
  const mark = say` ${marked ? glyphs.marked : say` `} `;
  if (row === parentRow) {
    return [pointer, span(say`${mark}..`, 'folder')];
  }

  const widths = fileColumns(columns);
  const size = row.type === 'file' ? row.size : row.type === 'folder' ? glyphs.none : say`?`;
  // The end of a found path is more useful than its beginning.
  const cut = row.name.slice(0, -1).includes('/') ? cutStart : cutMiddle;
  const name = padEnd(cut(row.name, widths.name, glyphs), widths.name);
  const changed = widths.changed === 0 ? [] : [padEnd(row.changed, widths.changed)];
  // Few pieces, because each is measured and coloured again in every frame.
  return [
    pointer,
    span(say`${mark}${name}`, marked ? 'warning' : nameTones[row.type]),
    span(say`${gap}${joinTexts([padStart(size, widths.size), ...changed], gap)}${gap}`, 'faint'),
    ...hereLine(glyphs, here, widths.here === 1 ? 'sign' : 'word'),
  ];
}

/** A line that may be out of date: everything except the cursor and the mark is faint. */
export function faded(line: Line): Line {
  return line.map(({text, tone}) =>
    span(text, tone === 'accent' || tone === 'warning' ? tone : 'faint'),
  );
}

const nameTones = {folder: 'folder', file: 'plain', other: 'faint'} as const;

const columnOf = {name: 'name', size: 'size', time: 'changed', type: 'name'} as const;

/** `Name ▲   Size  Changed  Here`: the sorted column has the sign of the direction. */
export function headLine({glyphs}: Look, {key, reverse}: SortOrder, columns: number): Line {
  const widths = fileColumns(columns);
  const sorted = columnOf[key] === 'changed' && widths.changed === 0 ? 'name' : columnOf[key];
  const direction = reverse ? glyphs.descending : glyphs.ascending;
  // An order without a column of its own is shown by name.
  const order =
    key === 'type' || (key === 'time' && sorted === 'name') ? say` by ${words[key]}` : say``;
  const head = (column: typeof sorted, word: DisplayText): DisplayText =>
    column === sorted ? say`${word}${order} ${direction}` : word;
  const tone = (column: typeof sorted): Span['tone'] => (column === sorted ? 'accent' : 'faint');
  return [
    span(spaces(widths.front)),
    span(padEnd(head('name', say`Name`), widths.name), tone('name')),
    span(say`${gap}${padStart(head('size', say`Size`), widths.size)}`, tone('size')),
    ...(widths.changed === 0
      ? []
      : [
          span(
            say`${gap}${padEnd(head('changed', say`Changed`), widths.changed)}`,
            tone('changed'),
          ),
        ]),
    ...(widths.here === 1 ? [] : [span(say`${gap}Here`, 'faint')]),
  ];
}

const words = {type: say`type`, time: say`time`} as const;
