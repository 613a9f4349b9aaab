/** The screen of a terminal that is too small. */
import {Box, Text} from 'ink';
import type {ReactNode} from 'react';
import {minimum, type Size} from '../model/layout.ts';

/** `children`: the typed line, which takes keys at any size. */
type TooSmallProps = {readonly size: Size; readonly children: ReactNode};

export function TooSmall({size, children}: TooSmallProps): ReactNode {
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflowY="hidden">
      <Text wrap="truncate-end">
        Too small: {minimum.columns} x {minimum.rows} is needed.
      </Text>
      <Box height={0} overflow="hidden">
        {children}
      </Box>
    </Box>
  );
}
