/** One transfer on one line: sign, name, and progress. */
import {displayName} from '../../../../protocol/display-text.ts';
import {baseName, parentOf} from '../../../../protocol/remote-path.ts';
import type {TransferSnapshot} from '../../../transfers/queue/queue.ts';
import type {CopyNow} from '../../model/here/copy-now.ts';
import type {Glyphs} from '../../terminal/glyphs.ts';
import {formatBytes} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {cutMiddle, cutStart, padEnd, widthOf} from '../../text/width.ts';
import {copyWords} from '../here/copy-words.ts';
import {fitLine, type Line, lineWidth, type Span, span, spread} from '../line/span.ts';
import type {Look} from '../look.ts';
import {statusLine} from './status-line.ts';

type TransferLineOptions = {
  readonly cursor?: boolean;
  /** Number of other transfers of its kind that this row stands for. */
  readonly more?: number;
  /** Animates the sign of a running transfer. Default: the sign stands still. */
  readonly turn?: number | undefined;
  /** What has happened to its file since it was fetched; undefined if nothing. */
  readonly copy?: CopyNow | undefined;
};

/** The row of one transfer, in exactly `columns`: its name and its progress. */
export function transferLine(
  {glyphs}: Look,
  row: TransferSnapshot,
  columns: number,
  {cursor = false, more = 0, turn, copy}: TransferLineOptions = {},
): Line {
  const nameWidth = Math.max(10, Math.min(40, Math.floor(columns * 0.28)));
  const priority = priorityOf(glyphs, row);
  const room = columns - nameWidth - 6;
  const own = room - lineWidth(priority);
  const copied = copy === undefined || more > 0 ? undefined : copyWords(glyphs, copy);
  const status =
    copied === undefined
      ? statusLine(glyphs, row, {room: own, most: room, more})
      : spread(copied.words, sizeOf(row), own, glyphs);
  return [
    span(cursor ? glyphs.cursor : say` `, 'accent'),
    copied?.sign ?? transferSign(glyphs, row, turn),
    span(say` `),
    ...nameOf(glyphs, row, nameWidth),
    span(say`  `),
    ...priority,
    ...fitLine(status, own, glyphs),
    span(say` `),
  ];
}

/** Fewest columns for a part of a folder's name. */
const leastFolder = 6;

/** The name, and its folder on the server if there is room behind it, in exactly `columns`. */
function nameOf(glyphs: Glyphs, {remotePath}: TransferSnapshot, columns: number): Line {
  const name = cutMiddle(displayName(baseName(remotePath)), columns, glyphs);
  const folder = displayName(parentOf(remotePath));
  const room = columns - widthOf(name) - 2;
  return folder === '' || room < Math.min(leastFolder, widthOf(folder))
    ? [span(padEnd(name, columns))]
    : [span(say`${name}  `), span(padEnd(cutStart(folder, room, glyphs), room), 'faint')];
}

/** The size at the end of the line, as in all rows of finished files. */
function sizeOf({size}: TransferSnapshot): Line {
  return size === undefined ? [] : [span(formatBytes(size), 'faint')];
}

/** The priority; empty if it is normal, or the transfer is over. */
function priorityOf({priorities}: Glyphs, {priority, state}: TransferSnapshot): Line {
  return priority === 'normal' || state.name === 'done' || state.name === 'canceled'
    ? []
    : [
        span(
          say`${priorities[priority]} ${padEnd(displayName(priority), 4)}  `,
          priority === 'high' ? 'accent' : 'faint',
        ),
      ];
}

/** The sign of a transfer's state. */
export function transferSign({states, turns}: Glyphs, row: TransferSnapshot, turn?: number): Span {
  const {state} = row;
  const turned = turn === undefined ? undefined : turns[turn % turns.length];
  switch (state.name) {
    case 'queued':
      return span(states.waiting, 'faint');
    case 'connecting':
    case 'checking':
    case 'copying':
    case 'finishing':
      return span(turned ?? states.working, 'accent');
    case 'downloading':
      return span(turned ?? states.down, 'accent');
    case 'done':
      return span(states.done, 'good');
    case 'paused':
      return span(states.paused, 'warning');
    case 'failed':
      return span(states.failed, 'bad');
    case 'canceled':
      return span(states.canceled, 'faint');
  }
}
