/** The screen of servers, exactly as tall as the terminal. */
import {Box} from 'ink';
import {memo, type ReactNode, useContext, useMemo, useSyncExternalStore} from 'react';
import {minimum} from '../../model/layout.ts';
import type {ServersScreen, ServersView as View} from '../../model/servers/servers-screen.ts';
import {dimmed} from '../../terminal/theme.ts';
import {plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {SignOfLife} from '../bars/sign-of-life.tsx';
import {Help} from '../help.tsx';
import {LineView, Rows} from '../line/line-view.tsx';
import {fitLine, type Line, span} from '../line/span.ts';
import {type Look, LookContext} from '../look.ts';
import {TooSmall} from '../too-small.tsx';
import {TypedLineView} from '../typed-line.tsx';
import {Side} from '../walls/side.tsx';
import {wallLine} from '../walls/wall.ts';
import {serversContent} from './servers-content.ts';
import {footLine, wallMessage} from './servers-foot.ts';

export function ServersView({screen}: {readonly screen: ServersScreen}): ReactNode {
  const {repainter} = screen;
  const subscribe = useMemo(() => repainter.subscribe.bind(repainter), [repainter]);
  const view = useSyncExternalStore(subscribe, () => screen.view());
  const look = useContext(LookContext);
  const isCovered = view.help !== undefined;
  const shown = useMemo(
    () => (isCovered ? {...look, theme: dimmed(look.theme)} : look),
    [look, isCovered],
  );
  const {size, prompt, work, message, help} = view;
  const {columns, rows} = size;
  const foot = useMemo(
    () => wallMessage(look, {size, prompt, message, help}),
    [look, size, prompt, message, help],
  );
  const footer =
    prompt === undefined ? (
      <LineView line={footLine(look, view)} />
    ) : (
      <TypedLineView view={prompt} columns={columns} onChange={screen.typed} />
    );
  if (columns < minimum.columns || rows < minimum.rows) {
    return <TooSmall size={size}>{footer}</TooSmall>;
  }

  return (
    <Box flexDirection="column" width={columns} height={rows} overflowY="hidden">
      <LookContext value={shown}>
        <LineView line={headLine(look, columns)} />
        {work === undefined ? null : <SignOfLife />}
        <Frame
          size={size}
          rows={view.rows}
          cursor={view.cursor}
          work={work}
          failure={view.failure}
          trouble={view.trouble}
          foot={foot}
        />
        {isCovered ? null : footer}
      </LookContext>
      {isCovered ? footer : null}
      {view.help === undefined ? null : <Help view={view.help} screen={size} />}
    </Box>
  );
}

function headLine({glyphs}: Look, columns: number): Line {
  return fitLine(
    [span(say` `), span(say`jangada`, 'accent'), span(say`  servers`)],
    columns,
    glyphs,
  );
}

/** The header, the footer and the walls. */
const edges = 4;

type FrameProps = Pick<View, 'size' | 'rows' | 'cursor' | 'work' | 'failure' | 'trouble'> & {
  /** Words in the lower wall. */
  readonly foot: Line;
};

/** Drawn again only if its content has changed: not with each key that is typed below. */
const Frame = memo(function Frame(view: FrameProps): ReactNode {
  const look = useContext(LookContext);
  const {columns, rows} = view.size;
  const {corners} = look.glyphs;
  const inner = columns - 2;
  const height = rows - edges;
  const wall = (ends: readonly [typeof corners.topLeft, typeof corners.topLeft], words: Words) =>
    wallLine(look, {
      columns,
      ends,
      headings: [{...words, from: 1, columns: inner}],
      active: [0, columns],
    });
  return (
    <>
      <LineView
        line={wall([corners.topLeft, corners.topRight], {
          title: [span(say`Servers`, 'accent')],
          aside: countLine(look, view),
        })}
      />
      <Box flexShrink={0} height={height}>
        <Side height={height} active />
        <Box flexDirection="column" width={inner} height={height} overflowY="hidden">
          <Rows rows={serversContent(look, view, inner, height)} columns={inner} />
        </Box>
        <Side height={height} active />
      </Box>
      <LineView
        line={wall([corners.bottomLeft, corners.bottomRight], {
          title: view.foot,
          aside: [],
        })}
      />
    </>
  );
});

type Words = {readonly title: Line; readonly aside: Line};

/** `2 bookmarks · 5 recent` */
function countLine({glyphs}: Look, {rows}: Pick<View, 'rows'>): Line {
  const bookmarks = rows.filter(({kind}) => kind === 'bookmark').length;
  const recent = rows.filter(({kind}) => kind === 'recent').length;
  return [span(say`${plural(bookmarks, 'bookmark')} ${glyphs.dot} ${recent} recent`, 'faint')];
}
