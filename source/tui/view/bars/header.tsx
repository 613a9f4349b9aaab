/** The top line: the server, the state of the connection, the speed, and the progress of all transfers. */
import {memo, type ReactNode, useContext} from 'react';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {LinkState} from '../../../client/client.ts';
import type {QueueTotals} from '../../../transfers/queue/queue.ts';
import type {Counted} from '../../model/download/downloads.ts';
import {formatDuration, formatSpeed} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {cutEnd, spaces, widthOf} from '../../text/width.ts';
import {type Claim, layOut} from '../line/lay-out.ts';
import {LineView} from '../line/line-view.tsx';
import {type Line, lineWidth, type Span, span} from '../line/span.ts';
import {sparkline} from '../line/sparkline.ts';
import {type Look, LookContext} from '../look.ts';
import {workWords} from './queue-words.ts';
import {rateLimit} from './rate-limit.ts';

type HeaderProps = {
  readonly server: DisplayText;
  readonly link: LinkState;
  /** Seconds until the next attempt to reconnect; 0 during an attempt. */
  readonly retryInSeconds: number;
  readonly queue: QueueTotals;
  /** The files counted so far in a tree. */
  readonly counting?: Counted | undefined;
  readonly columns: number;
};

export const Header = memo(function Header(props: HeaderProps): ReactNode {
  return <LineView line={headerLine(useContext(LookContext), props)} />;
});

/** The parts in their order on the line. */
const leftPlaces = ['name', 'server', 'state'] as const;
const rightPlaces = ['speed', 'spark', 'limit', 'work'] as const;
type Place = (typeof leftPlaces)[number] | (typeof rightPlaces)[number];

const gap = 2;
/** Columns of a server's name that still distinguish it from others. */
const serverColumns = 12;
/** With fewer columns the reason of a lost connection is left out. */
const reasonColumns = 12;

/** The first line of the screen: the server and its connection at the left, the queue at the right. */
export function headerLine(look: Look, props: HeaderProps): Line {
  const {columns} = props;
  // One space at each end.
  const parts = layOut(claimsOf(look, props), columns - 2, gap);
  const left = inOrder(parts, leftPlaces);
  const right = inOrder(parts, rightPlaces);
  const between = spaces(columns - 2 - lineWidth(left) - lineWidth(right));
  return [span(say` `), ...left, span(between), ...right, span(say` `)];
}

/** All parts; the most important part comes first. */
function claimsOf(look: Look, props: HeaderProps): ReadonlyArray<Claim<Place>> {
  const {glyphs} = look;
  const {server, link, retryInSeconds, queue, columns, counting} = props;
  const serverIn = (most: number) =>
    claim('server', room => span(cutEnd(server, Math.min(most, room), glyphs)));
  const limit = rateLimit(queue, columns, 'header');
  const lost = link.name === 'waiting' ? lostTexts(look, link.brief, retryInSeconds) : undefined;
  const steering = lost === undefined ? steeringTexts(queue) : [];
  const {speed, sparks} = speedSpans(look, queue, columns);
  const [work, ...moreWork] = workWords(glyphs, queue, counting).map(words =>
    claim('work', () => span(words, words === say`idle` ? 'faint' : 'plain')),
  );
  return [
    claim('state', () => lost && span(lost.short, 'bad')),
    serverIn(serverColumns),
    ...(work === undefined ? [] : [work]),
    claim('limit', () => limit && span(limit, 'warning')),
    serverIn(Math.floor(columns / 2)),
    claim('state', () => lost && span(lost.again, 'bad')),
    claim('state', room =>
      lost && room >= widthOf(lost.again) + reasonColumns
        ? span(cutEnd(lost.whole, room, glyphs), 'bad')
        : undefined,
    ),
    serverIn(columns),
    ...steering.slice(0, 1).map(saying),
    ...moreWork.slice(0, 1),
    claim('speed', () => speed),
    ...moreWork.slice(1),
    claim('name', () => span(say`jangada`, 'accent')),
    claim('spark', () => sparks),
    ...steering.slice(1).map(saying),
  ];
}

const saying = (text: DisplayText) => claim('state', () => span(text, 'warning'));

function claim(place: Place, spanIn: (columns: number) => Span | undefined): Claim<Place> {
  return {
    place,
    line(columns) {
      const part = spanIn(columns);
      return part === undefined ? undefined : [part];
    },
  };
}

/** The words for a lost connection, the longer the more columns there are. */
function lostTexts({glyphs}: Look, brief: string, retryInSeconds: number) {
  const again = retryInSeconds === 0 ? say`now` : say`in ${formatDuration(retryInSeconds * 1000)}`;
  const short = say`${glyphs.bad} no connection`;
  const longer = say`${short}, trying again ${again}`;
  return {short, again: longer, whole: say`${longer}: ${displayName(brief)}`};
}

/** The words for another process that works on the queue, the shortest first. */
function steeringTexts({worker}: QueueTotals): readonly DisplayText[] {
  return worker === undefined
    ? []
    : [
        say`by ${worker.pid}`,
        say`process ${worker.pid} works here`,
        say`process ${worker.pid} works here; this screen steers it`,
      ];
}

function speedSpans({glyphs}: Look, queue: QueueTotals, columns: number) {
  if (queue.active === 0) {
    return {};
  }

  const sparkColumns = columns >= 100 ? 16 : columns >= 70 ? 8 : 0;
  return {
    speed: span(say`${glyphs.speed} ${formatSpeed(queue.bytesPerSecond)}`, 'accent'),
    sparks: sparkline(glyphs, queue.speedHistory, sparkColumns)[0],
  };
}

/** The parts of one side that fit, with gaps between. */
function inOrder(parts: ReadonlyMap<Place, Line>, places: readonly Place[]): Line {
  return places
    .map(place => parts.get(place) ?? [])
    .filter(part => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : [span(spaces(gap)), ...part]));
}
