/** The lines between the walls of the screen of servers: the list, and notes below it. */
import type {ServersView} from '../../model/servers/servers-screen.ts';
import type {Row} from '../line/line-view.tsx';
import type {Look} from '../look.ts';
import {firstShown, serverRows} from './server-lines.ts';
import {serverNotes} from './server-notes.ts';

type Shown = Pick<ServersView, 'rows' | 'cursor' | 'work' | 'failure' | 'trouble'>;

/** Height from which there is room for the column heads. */
const headsFrom = 8;

/** An error is more important than rows, because the user can scroll to rows. */
export function serversContent(look: Look, view: Shown, columns: number, height: number): Row[] {
  const {heads, room, notes, isParted} = placesIn(look, view, columns, height);
  const list = serverRows(look, view, {columns, height: room, nowMs: Date.now()});
  return [
    ...(heads === 0 ? [] : [{line: list.head}]),
    ...list.rows,
    ...(isParted ? [{line: []}] : []),
    ...notes.map(line => ({line})),
  ];
}

/** The index of the server on `line` of the content; undefined if there is none. */
export function serverOn(
  look: Look,
  view: Shown,
  {columns, rows: height}: {readonly columns: number; readonly rows: number},
  line: number,
): number | undefined {
  const {heads, room} = placesIn(look, view, columns, height);
  const at = line - heads;
  const index = firstShown(view, room) + at;
  return at >= 0 && at < room && index < view.rows.length ? index : undefined;
}

function placesIn(look: Look, view: Shown, columns: number, height: number) {
  const heads = height >= headsFrom ? 1 : 0;
  const leastRows = Math.min(view.rows.length, view.failure === undefined ? 3 : 1);
  const most = height - heads - leastRows;
  const notes = serverNotes(look, view, columns, most);
  // A blank line between, if there is room for one.
  const isParted = notes.length > 0 && notes.length < most;
  const room = Math.max(1, height - heads - notes.length - (isParted ? 1 : 0));
  return {heads, room, notes, isParted};
}
