/** A box in the middle of the screen, over the panes. */
import {Box} from 'ink';
import {type ReactNode, useContext} from 'react';
import type {Area, Size} from '../../model/layout.ts';
import {type Row, Rows} from '../line/line-view.tsx';
import {fitLine, type Line, lineWidth} from '../line/span.ts';
import {LookContext} from '../look.ts';
import {BoxFrame} from './box-frame.tsx';

export type OverlayBox = {
  readonly title: Line;
  readonly foot: Line;
  readonly rows: readonly Row[];
};

type OverlayProps = OverlayBox & {readonly screen: Size};

/** Columns beside a box that are not worth leaving. */
const closeTo = 6;

/** Where it lies, walls and all. */
export function overlayArea(screen: Size, {title, foot, rows}: OverlayBox): Area {
  const widest = Math.max(
    lineWidth(title) + 2,
    lineWidth(foot) + 2,
    ...rows.map(({line}) => lineWidth(line)),
  );
  const wanted = widest + 4;
  // Beside a box that leaves a column or two, walls of the panes would look like walls of its own.
  const columns = wanted + closeTo > screen.columns ? screen.columns : wanted;
  const least = rows.length + 2;
  // The same of a row below it; the first and the last one of the screen stay.
  const height = least + 4 > screen.rows ? screen.rows - 2 : least;
  return {
    left: Math.floor((screen.columns - columns) / 2),
    top: Math.floor((screen.rows - height) / 2),
    columns,
    rows: height,
  };
}

export function Overlay({screen, title, foot, rows}: OverlayProps): ReactNode {
  const {glyphs} = useContext(LookContext);
  const {left, top, columns, rows: height} = overlayArea(screen, {title, foot, rows});
  // The panes below must not show through: every line fills its row.
  const filled = Array.from({length: height - 2}, (_, index): Row => {
    const {line, ...row} = rows[index] ?? {line: []};
    return {...row, line: fitLine(line, columns - 2, glyphs)};
  });
  return (
    <Box position="absolute" left={left} top={top} width={columns} height={height}>
      <BoxFrame size={{columns, rows: height}} title={title} foot={foot}>
        <Rows rows={filled} columns={columns - 2} />
      </BoxFrame>
    </Box>
  );
}
