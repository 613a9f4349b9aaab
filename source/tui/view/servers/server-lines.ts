/** The rows of the screen of servers: `▌◆ holidays  files.example.org:1234/fotos  today 18:12  3 wait`. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {ServerRow} from '../../model/servers/server-list.ts';
import {formatBytes, formatCount} from '../../text/format.ts';
import {joinTexts, say} from '../../text/say.ts';
import {formatWhen} from '../../text/when.ts';
import {cutEnd, cutMiddle, padEnd, widthOf} from '../../text/width.ts';
import type {Row} from '../line/line-view.tsx';
import {type Line, type Span, span} from '../line/span.ts';
import type {Look} from '../look.ts';

/** Columns of each part; 0 if it does not fit. */
type Widths = {
  /** If it is 0, the name of a bookmark is shown in place of its server. */
  readonly name: number;
  readonly server: number;
  readonly used: number;
  readonly queue: number;
};

/** The sign of the cursor, that of a bookmark, and blanks. */
const front = 4;
const gap = say`  `;
const mostName = 24;
/** A server gets so many columns before the time of its last use, or its name, gets any. */
const goodServer = 32;
const leastServer = 16;

/** The column heads, and `height` rows that include the cursor. */
export function serverRows(
  look: Look,
  {rows, cursor}: {readonly rows: readonly ServerRow[]; readonly cursor: number},
  {columns, height, nowMs}: {columns: number; height: number; nowMs: number},
): {head: Line; rows: Row[]} {
  const cells = rows.map(row => cellsOf(look, row, nowMs));
  const widths = widthsIn(cells, columns);
  const first = firstShown({rows, cursor}, height);
  return {
    head: headLine(widths),
    rows: cells.slice(first, first + height).map((cell, index) => {
      const isCurrent = first + index === cursor;
      return {line: rowLine(look, cell, widths, isCurrent), cursor: isCurrent};
    }),
  };
}

/** The first visible server in a window of `height` rows: in a longer list the cursor is in the middle. */
export function firstShown(
  {rows, cursor}: {readonly rows: readonly ServerRow[]; readonly cursor: number},
  height: number,
): number {
  const most = Math.max(0, rows.length - height);
  return Math.max(0, Math.min(most, cursor - Math.floor(height / 2)));
}

type Cells = {
  readonly isBookmark: boolean;
  readonly name: DisplayText;
  readonly server: DisplayText;
  readonly used: DisplayText;
  readonly queue: DisplayText;
  readonly tone: Span['tone'];
};

function cellsOf({glyphs}: Look, row: ServerRow, nowMs: number): Cells {
  const {address, kind, label, server, usedMs, left} = row;
  const parts = [
    ...(left && left.waiting > 0 ? [say`${formatCount(left.waiting)} waiting`] : []),
    ...(left && left.paused > 0 ? [say`${formatCount(left.paused)} paused`] : []),
    ...(left && left.failed > 0 ? [say`${formatCount(left.failed)} failed`] : []),
    ...(left && left.bytes > 0 ? [formatBytes(left.bytes)] : []),
  ];
  return {
    isBookmark: kind === 'bookmark',
    name: label === undefined ? (proposedNames[kind] ?? say``) : displayName(label),
    server: address.path === '' ? server : say`${server}/${displayName(address.path)}`,
    used: usedMs === undefined ? glyphs.none : formatWhen(usedMs, nowMs),
    queue: parts.length === 0 ? glyphs.none : joinTexts(parts, say` ${glyphs.dot} `),
    tone: left === undefined ? 'faint' : left.failed > 0 ? 'bad' : 'warning',
  };
}

const proposedNames: Partial<Record<ServerRow['kind'], DisplayText>> = {
  local: say`this machine`,
  ssh: say`ssh config`,
};

function widthsIn(cells: readonly Cells[], columns: number): Widths {
  const widest = (texts: readonly DisplayText[]): number =>
    Math.max(0, ...texts.map(text => widthOf(text)));
  const between = widthOf(gap);
  const wanted = widest([say`Server`, ...cells.map(({server}) => server)]);
  const name = Math.min(mostName, widest([say`Name`, ...cells.map(({name}) => name)]));
  const used = widest([say`Last used`, ...cells.map(({used}) => used)]);
  const queue = widest([say`Queue`, ...cells.map(({queue}) => queue)]);
  const room = columns - front - 1;
  const withTime = room - name - used - queue - 3 * between;
  const withoutTime = room - name - queue - 2 * between;
  // The address of a server is most important, then its queue.
  const roomy =
    withTime >= Math.min(wanted, goodServer)
      ? {name, used, queue, server: withTime}
      : withoutTime >= Math.min(wanted, leastServer)
        ? {name, used: 0, queue, server: withoutTime}
        : undefined;
  if (roomy !== undefined) {
    return {...roomy, server: Math.min(roomy.server, wanted)};
  }

  const shortQueue = Math.min(queue, Math.floor(room / 3));
  return {name: 0, used: 0, queue: shortQueue, server: room - shortQueue - between};
}

function headLine(widths: Widths): Line {
  const heads = [
    padEnd(say``, front - widthOf(gap)),
    ...(widths.name === 0 ? [] : [padEnd(say`Name`, widths.name)]),
    padEnd(say`Server`, widths.server),
    ...(widths.used === 0 ? [] : [padEnd(say`Last used`, widths.used)]),
    say`Queue`,
  ];
  return [span(joinTexts(heads, gap), 'faint')];
}

function rowLine({glyphs}: Look, cells: Cells, widths: Widths, isCurrent: boolean): Line {
  const {isBookmark, name, used, queue, tone} = cells;
  const isMerged = widths.name === 0;
  const cell = (text: DisplayText, width: number, cut = cutEnd): DisplayText =>
    say`${padEnd(cut(text, width, glyphs), width)}${gap}`;
  const server = isMerged && isBookmark ? name : cells.server;
  const nameTone = isBookmark ? 'strong' : 'faint';
  return [
    span(isCurrent ? glyphs.cursor : say` `, 'accent'),
    span(isBookmark ? say` ${glyphs.bookmark} ` : say`   `, 'warning'),
    ...(isMerged ? [] : [span(cell(name, widths.name), nameTone)]),
    span(cell(server, widths.server, cutMiddle), isMerged && isBookmark ? nameTone : 'plain'),
    ...(widths.used === 0 ? [] : [span(cell(used, widths.used), 'faint')]),
    span(cutEnd(queue, widths.queue, glyphs), tone),
  ];
}
