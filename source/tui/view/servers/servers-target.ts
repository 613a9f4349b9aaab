/** Finds the thing drawn at a place of the screen of servers, for the mouse. */
import type {Target} from '../../keys/mouse/target.ts';
import {minimum} from '../../model/layout.ts';
import type {ServersView} from '../../model/servers/servers-screen.ts';
import type {Look} from '../look.ts';
import type {Place} from '../target-at.ts';
import {serverOn} from './servers-content.ts';
import {roomForKeys} from './servers-foot.ts';
import {serversKeyAt} from './servers-key-line.ts';

/** The header and the upper wall; and all walls and bars together. */
const above = 2;
const edges = 4;

const nothing: Target = {on: 'nothing'};

export function serversTargetAt(look: Look, view: ServersView, {column, row}: Place): Target {
  const {columns, rows} = view.size;
  const isSmall = columns < minimum.columns || rows < minimum.rows;
  if (isSmall || column >= columns || row >= rows || view.help !== undefined) {
    return nothing;
  }

  if (row === rows - 1) {
    const key =
      view.prompt === undefined
        ? serversKeyAt(look.glyphs, roomForKeys(look, view), column)
        : undefined;
    return key === undefined ? nothing : {on: 'key', key};
  }

  const area = {columns: columns - 2, rows: rows - edges};
  const line = row - above;
  const isInside = column > 0 && column < columns - 1 && line < area.rows;
  const server = isInside ? serverOn(look, view, area, line) : undefined;
  return server === undefined ? nothing : {on: 'server', server, line};
}
