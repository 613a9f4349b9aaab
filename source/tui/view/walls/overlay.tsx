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

/** Fewer columns beside a box are added to the box. */
const closeTo = 6;

/** The area of the box, including its walls. */
export function overlayArea(screen: Size, {title, foot, rows}: OverlayBox): Area {
  const widest = Math.max(
    lineWidth(title) + 2,
    lineWidth(foot) + 2,
    ...rows.map(({line}) => lineWidth(line)),
  );
  const wanted = widest + 4;
  // With only a column or two beside a box, walls of the panes would look like walls of the box.
  const columns = wanted + closeTo > screen.columns ? screen.columns : wanted;
  const least = rows.length + 2;
  // The same for a row below it; the first and the last row of the screen stay free.
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
