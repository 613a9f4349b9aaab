/** The rows of the screen of servers: `▌◆ holidays  files.example.org:1234/fotos  today 18:12  3 wait`. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {ServerRow} from '../../model/servers/server-list.ts';
import {formatCount} from '../../text/format.ts';
import {joinTexts, say} from '../../text/say.ts';
import {formatWhen} from '../../text/when.ts';
import {cutEnd, cutMiddle, padEnd, widthOf} from '../../text/width.ts';
import type {Row} from '../line/line-view.tsx';
import {type Line, type Span, span} from '../line/span.ts';
import type {Look} from '../look.ts';

type Widths = {
  readonly name: number;
  readonly server: number;
  /** 0: there is no room for it. */
  readonly used: number;
  readonly queue: number;
};

/** The sign of the cursor, that of a bookmark, and blanks. */
const front = 4;
const gap = say`  `;
const mostName = 24;
const leastServer = 16;

/** The heads of the columns, and `height` rows with the cursor among them. */
export function serverRows(
  look: Look,
  {rows, cursor}: {readonly rows: readonly ServerRow[]; readonly cursor: number},
  {columns, height, nowMs}: {columns: number; height: number; nowMs: number},
): {head: Line; rows: Row[]} {
  const cells = rows.map(row => cellsOf(look, row, nowMs));
  const widths = widthsIn(cells, columns);
  const most = Math.max(0, rows.length - height);
  const first = Math.max(0, Math.min(most, cursor - Math.floor(height / 2)));
  return {
    head: headLine(widths),
    rows: cells.slice(first, first + height).map((cell, index) => {
      const isCurrent = first + index === cursor;
      return {line: rowLine(look, cell, widths, isCurrent), cursor: isCurrent};
    }),
  };
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

const proposedNames: Partial<Record<ServerRow['kind'], DisplayText>> = {local: say`this machine`};

function widthsIn(cells: readonly Cells[], columns: number): Widths {
  const widest = (texts: readonly DisplayText[]): number =>
    Math.max(0, ...texts.map(text => widthOf(text)));
  const between = widthOf(gap);
  const wanted = widest([say`Server`, ...cells.map(({server}) => server)]);
  const name = Math.min(mostName, widest([say`Name`, ...cells.map(({name}) => name)]));
  const used = widest([say`Last used`, ...cells.map(({used}) => used)]);
  const queue = widest([say`Queue`, ...cells.map(({queue}) => queue)]);
  const room = columns - front - 1;
  // Most is worth what a server is known by; then its queue.
  const all = {name, used, queue, server: room - name - used - queue - 3 * between};
  if (all.server >= Math.min(wanted, leastServer)) {
    return {...all, server: Math.min(all.server, wanted)};
  }

  const short = Math.min(name, Math.floor(room / 4));
  const shortQueue = Math.min(queue, Math.floor(room / 3));
  const server = room - short - shortQueue - 2 * between;
  return {name: short, used: 0, queue: shortQueue, server: Math.min(server, wanted)};
}

function headLine(widths: Widths): Line {
  const used = widths.used === 0 ? say`` : say`${padEnd(say`Last used`, widths.used)}${gap}`;
  return [
    span(
      say`${padEnd(say``, front)}${padEnd(say`Name`, widths.name)}${gap}${padEnd(say`Server`, widths.server)}${gap}${used}Queue`,
      'faint',
    ),
  ];
}

function rowLine({glyphs}: Look, cells: Cells, widths: Widths, isCurrent: boolean): Line {
  const cell = (text: DisplayText, width: number): DisplayText =>
    padEnd(cutEnd(text, width, glyphs), width);
  const server = padEnd(cutMiddle(cells.server, widths.server, glyphs), widths.server);
  return [
    span(isCurrent ? glyphs.cursor : say` `, 'accent'),
    span(cells.isBookmark ? say` ${glyphs.bookmark} ` : say`   `, 'warning'),
    span(say`${cell(cells.name, widths.name)}${gap}`, cells.isBookmark ? 'strong' : 'faint'),
    span(say`${server}${gap}`),
    ...(widths.used === 0 ? [] : [span(say`${cell(cells.used, widths.used)}${gap}`, 'faint')]),
    span(cutEnd(cells.queue, widths.queue, glyphs), cells.tone),
  ];
}
