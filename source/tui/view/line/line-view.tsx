/** Lines of the screen as components. */
import {Text} from 'ink';
import {memo, type ReactNode, useContext} from 'react';
import type {CutOptions} from '../../text/width.ts';
import {LookContext} from '../look.ts';
import {fitLine, type Line, lineWidth} from './span.ts';

/** A line, and whether it is shown inverse, as the one with the cursor is. */
export type Row = {readonly line: Line; readonly inverse?: boolean};

type LineViewProps = {
  readonly line: Line;
  /** Whether it is shown inverse, as the one with the cursor is. */
  readonly inverse?: boolean;
};

export const LineView = memo(function LineView({line, inverse = false}: LineViewProps): ReactNode {
  const {theme} = useContext(LookContext);
  return (
    <Text wrap="truncate-end" inverse={inverse}>
      {line.map(({text, tone}, index) => (
        // Pieces of a line have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Text key={index} {...theme[tone]}>
          {text}
        </Text>
      ))}
    </Text>
  );
});

type RowsProps = {readonly rows: readonly Row[]; readonly columns: number};

/** Lines one below the other. */
export function Rows({rows, columns}: RowsProps): ReactNode {
  const {glyphs} = useContext(LookContext);
  return rows.map(({line, inverse = false}, index) => (
    <LineView
      // A row is a place on the screen: its line changes.
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      key={index}
      line={fitRow(line, inverse, columns, glyphs)}
      inverse={inverse}
    />
  ));
}

/** `line` in at most `columns`; an inverse line fills them. */
export function fitRow(line: Line, inverse: boolean, columns: number, options: CutOptions): Line {
  const fits = lineWidth(line) <= columns;
  // A line of no characters at all would take no row.
  return fits && !inverse && line.length > 0 ? line : fitLine(line, columns, options);
}
