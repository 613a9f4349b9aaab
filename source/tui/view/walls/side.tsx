/**
 * A vertical wall. It is separate from the rows beside it, because measuring a line with box-drawing characters takes
 * many times as long as measuring plain letters.
 */
import {Text} from 'ink';
import {memo, type ReactNode, useContext} from 'react';
import {LookContext} from '../look.ts';

/** `active`: whether it belongs to the focused pane. */
type SideProps = {readonly height: number; readonly active: boolean};

export const Side = memo(function Side({height, active}: SideProps): ReactNode {
  const {glyphs, theme} = useContext(LookContext);
  const side = Array.from({length: height}, () => glyphs.vertical).join('\n');
  return <Text {...theme.tones[active ? 'frameActive' : 'frame']}>{side}</Text>;
});
