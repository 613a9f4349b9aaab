/** Lines of the screen as components. */
import {Text} from 'ink';
import {memo, type ReactNode, useContext} from 'react';
import type {CutOptions} from '../../text/width.ts';
import {LookContext} from '../look.ts';
import {paintLine} from './paint.ts';
import {fitLine, type Line, lineWidth} from './span.ts';

/** A line, and whether it has the cursor. */
export type Row = {readonly line: Line; readonly cursor?: boolean};

type LineViewProps = {
  readonly line: Line;
  /** Whether the cursor is on it: then it has a background of its own. */
  readonly cursor?: boolean;
};

export const LineView = memo(function LineView({line, cursor = false}: LineViewProps): ReactNode {
  const {theme} = useContext(LookContext);
  return <Text wrap="truncate-end">{paintLine(line, cursor ? theme.cursor : theme)}</Text>;
});

type RowsProps = {readonly rows: readonly Row[]; readonly columns: number};

/** Lines one below the other. */
export function Rows({rows, columns}: RowsProps): ReactNode {
  const {glyphs} = useContext(LookContext);
  return rows.map(({line, cursor = false}, index) => (
    <LineView
      // biome-ignore lint/suspicious/noArrayIndexKey: a row is a place on the screen: its line changes
      key={index}
      line={fitRow(line, cursor, columns, glyphs)}
      cursor={cursor}
    />
  ));
}

/** `line` in at most `columns`; the line with the cursor fills them. */
export function fitRow(line: Line, cursor: boolean, columns: number, options: CutOptions): Line {
  const fits = lineWidth(line) <= columns;
  // A line without any character would take no row.
  return fits && !cursor && line.length > 0 ? line : fitLine(line, columns, options);
}
