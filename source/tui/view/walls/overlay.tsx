/** A box in the middle of the screen, over the panes. */
import {Box} from 'ink';
import {type ReactNode, useContext} from 'react';
import type {Size} from '../../model/layout.ts';
import {type Row, Rows} from '../line/line-view.tsx';
import {fitLine, type Line, lineWidth} from '../line/span.ts';
import {LookContext} from '../look.ts';
import {BoxFrame} from './box-frame.tsx';

type OverlayProps = {
  readonly screen: Size;
  readonly title: Line;
  readonly foot: Line;
  readonly rows: readonly Row[];
};

export function Overlay({screen, title, foot, rows}: OverlayProps): ReactNode {
  const {glyphs} = useContext(LookContext);
  const widest = Math.max(
    lineWidth(title) + 2,
    lineWidth(foot) + 2,
    ...rows.map(({line}) => lineWidth(line)),
  );
  const columns = Math.min(screen.columns - 2, widest + 4);
  const height = Math.min(screen.rows - 2, rows.length + 2);
  // The panes below must not show through: every line fills its row.
  const filled = Array.from({length: height - 2}, (_, index): Row => {
    const {line, ...row} = rows[index] ?? {line: []};
    return {...row, line: fitLine(line, columns - 2, glyphs)};
  });
  return (
    <Box
      position="absolute"
      left={Math.floor((screen.columns - columns) / 2)}
      top={Math.floor((screen.rows - height) / 2)}
      width={columns}
      height={height}
    >
      <BoxFrame size={{columns, rows: height}} title={title} foot={foot}>
        <Rows rows={filled} columns={columns - 2} />
      </BoxFrame>
    </Box>
  );
}
