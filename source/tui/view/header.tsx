/** The top line: the server, the state of the link, and the speed. */
import {memo, type ReactNode, useContext} from 'react';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {LinkState} from '../../client/client.ts';
import type {QueueTotals} from '../../transfers/queue/queue.ts';
import {formatCount, formatDuration, formatSpeed} from '../text/format.ts';
import {joinTexts, say} from '../text/say.ts';
import {cutEnd, widthOf} from '../text/width.ts';
import {sparkline} from './line/bar.ts';
import {LineView} from './line/line-view.tsx';
import {type Line, lineWidth, span, spread} from './line/span.ts';
import {type Look, LookContext} from './look.ts';
import {rateLimit} from './rate-limit.ts';

type HeaderProps = {
  readonly server: DisplayText;
  readonly link: LinkState;
  /** Seconds until a lost connection is tried again; 0 while it is. */
  readonly retryInSeconds: number;
  readonly queue: QueueTotals;
  readonly columns: number;
};

export const Header = memo(function Header(props: HeaderProps): ReactNode {
  return <LineView line={headerLine(useContext(LookContext), props)} />;
});

/** The first line of the screen: the server and its link at the left, the queue at the right. */
export function headerLine(look: Look, props: HeaderProps): Line {
  const {server, link, retryInSeconds, queue, columns} = props;
  const {glyphs} = look;
  const right = workLine(look, queue, columns);
  const besides = columns - lineWidth(right);
  // On a narrow screen the server is worth more than the name of the program.
  const hasName = widthOf(server) <= besides - 14 || link.name === 'waiting';
  const room = Math.max(10, besides - (hasName ? 14 : 3));
  const left: Line = [
    span(hasName ? say` jangada  ` : say` `, 'accent'),
    ...(link.name === 'waiting'
      ? [
          span(cutEnd(server, Math.max(8, Math.floor(room / 2)), glyphs)),
          span(
            say`  ${glyphs.bad} no connection, trying again ${againText(retryInSeconds)}: ${displayName(link.brief)}`,
            'bad',
          ),
        ]
      : [span(cutEnd(server, room, glyphs)), ...steering(queue, room - widthOf(server))]),
  ];
  return spread(left, right, columns, glyphs);
}

/** The other process that works on the queue, in as many words as there are columns for. */
function steering({worker}: QueueTotals, columns: number): Line {
  if (worker === undefined) {
    return [];
  }

  const texts = [
    say`  process ${worker.pid} works here; this screen steers it`,
    say`  process ${worker.pid} works here`,
    say`  by ${worker.pid}`,
  ];
  const text = texts.find(one => widthOf(one) <= columns);
  return text === undefined ? [] : [span(text, 'warning')];
}

function againText(seconds: number): DisplayText {
  return seconds === 0 ? say`now` : say`in ${formatDuration(seconds * 1000)}`;
}

function workLine(look: Look, queue: QueueTotals, columns: number): Line {
  const {glyphs} = look;
  const counts = [
    ...(queue.active > 0 ? [say`${formatCount(queue.active)} active`] : []),
    ...(queue.queued > 0 ? [say`${formatCount(queue.queued)} queued`] : []),
  ];
  const words = counts.length === 0 ? say`idle` : joinTexts(counts, say` ${glyphs.dot} `);
  const speed: Line =
    queue.active === 0
      ? []
      : [
          span(say`${glyphs.speed} ${formatSpeed(queue.bytesPerSecond)}  `, 'accent'),
          ...(columns >= 70 ? sparkline(glyphs, queue.speedHistory, columns >= 100 ? 16 : 8) : []),
          span(say`  `),
        ];
  const limit = rateLimit(queue, columns, 'header');
  return [
    ...speed,
    ...(limit === undefined ? [] : [span(say`${limit}  `, 'warning')]),
    span(say`${words} `, counts.length === 0 ? 'faint' : 'plain'),
  ];
}
