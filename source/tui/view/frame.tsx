/**
 * A pane's frame, drawn as text so that its edges can carry words: a title above, counts below.
 * The sides are apart from the rows between them, because measuring a line
 * with box-drawing characters in it takes many times as long as measuring one of plain letters.
 */
import {Box, Text} from 'ink';
import {memo, type ReactNode, useContext} from 'react';
import type {Size} from '../model/layout.ts';
import {say} from '../text/say.ts';
import {repeat} from '../text/width.ts';
import {LineView} from './line/line-view.tsx';
import {fitLine, type Line, lineWidth, span} from './line/span.ts';
import {type Look, LookContext} from './look.ts';

type FrameProps = {
  readonly size: Size;
  /** Whether the keys go here. */
  readonly active: boolean;
  readonly title: Line;
  /** At the right end of the upper edge. */
  readonly aside?: Line;
  /** At the right end of the lower edge. */
  readonly foot?: Line;
  /** Lines of content; lines beyond the height of the frame are hidden. */
  readonly children: ReactNode;
};

export function Frame({
  size,
  active,
  title,
  aside = [],
  foot = [],
  children,
}: FrameProps): ReactNode {
  const look = useContext(LookContext);
  const {columns, rows} = size;
  const upper = edgeLine(look, columns, {title, aside, active, corners: ['topLeft', 'topRight']});
  // A folded pane is its upper edge alone.
  if (rows === 1) {
    return <LineView line={upper} />;
  }

  const corners = ['bottomLeft', 'bottomRight'] as const;
  const lower = edgeLine(look, columns, {title: [], aside: foot, active, corners});
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0}>
      <LineView line={upper} />
      <Box height={rows - 2} width={columns}>
        <Side height={rows - 2} active={active} />
        <Box flexDirection="column" width={columns - 2} height={rows - 2} overflowY="hidden">
          {children}
        </Box>
        <Side height={rows - 2} active={active} />
      </Box>
      <LineView line={lower} />
    </Box>
  );
}

type SideProps = {readonly height: number; readonly active: boolean};

const Side = memo(function Side({height, active}: SideProps): ReactNode {
  const {glyphs, theme} = useContext(LookContext);
  const side = Array.from({length: height}, () => glyphs.vertical).join('\n');
  return <Text {...theme.tones[active ? 'frameActive' : 'frame']}>{side}</Text>;
});

type Corner = keyof Look['glyphs']['corners'];
type EdgeOptions = {title: Line; aside: Line; active: boolean; corners: readonly [Corner, Corner]};

function edgeLine(
  {glyphs}: Look,
  columns: number,
  {title, aside, active, corners: [left, right]}: EdgeOptions,
): Line {
  const tone = active ? 'frameActive' : 'frame';
  const inner = columns - 2;
  const blank = span(say` `, tone);
  const titled: Line =
    title.length === 0
      ? []
      : [blank, ...fitLine(title, Math.min(lineWidth(title), inner - 4), glyphs), blank];
  const beside: Line =
    aside.length === 0 ? [] : [blank, ...aside, blank, span(glyphs.horizontal, tone)];
  const room = inner - lineWidth(titled);
  // The title is worth more than what stands beside it.
  const end = room > lineWidth(beside) ? beside : [];
  return [
    span(glyphs.corners[left], tone),
    ...titled,
    span(repeat(glyphs.horizontal, room - lineWidth(end)), tone),
    ...end,
    span(glyphs.corners[right], tone),
  ];
}
