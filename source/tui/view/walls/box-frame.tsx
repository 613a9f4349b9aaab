/** A frame around a box, with words in its edges: a title above, a hint below. */
import {Box} from 'ink';
import {type ReactNode, useContext} from 'react';
import type {Size} from '../../model/layout.ts';
import {LineView} from '../line/line-view.tsx';
import type {Line} from '../line/span.ts';
import {LookContext} from '../look.ts';
import {Side} from './side.tsx';
import {wallLine} from './wall.ts';

type BoxFrameProps = {
  readonly size: Size;
  readonly title: Line;
  /** At the right end of the lower edge. */
  readonly foot: Line;
  /** The content; lines beyond the height of the frame are hidden. */
  readonly children: ReactNode;
};

export function BoxFrame({size: {columns, rows}, title, foot, children}: BoxFrameProps): ReactNode {
  const look = useContext(LookContext);
  const {topLeft, topRight, bottomLeft, bottomRight} = look.glyphs.corners;
  const edge = (ends: readonly [typeof topLeft, typeof topLeft], title: Line, aside: Line): Line =>
    wallLine(look, {
      columns,
      ends,
      headings: [{title, aside, from: 1, columns: columns - 2}],
      active: [0, columns],
    });
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0}>
      <LineView line={edge([topLeft, topRight], title, [])} />
      <Box height={rows - 2} width={columns}>
        <Side height={rows - 2} active />
        <Box flexDirection="column" width={columns - 2} height={rows - 2} overflowY="hidden">
          {children}
        </Box>
        <Side height={rows - 2} active />
      </Box>
      <LineView line={edge([bottomLeft, bottomRight], [], foot)} />
    </Box>
  );
}
