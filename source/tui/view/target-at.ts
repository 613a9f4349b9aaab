/** Finds the thing drawn at a place of the screen, for the mouse: the reverse of drawing. */
import type {Target} from '../keys/mouse/target.ts';
import type {Scene} from '../model/app.ts';
import {columnGap, fileColumns} from '../model/files/file-columns.ts';
import type {SortKey} from '../model/files/table/entry-table.ts';
import {headRows, type Layout, type Pane, panes} from '../model/layout.ts';
import {keyAt} from './bars/key-line.ts';
import {dialogKeyAt} from './dialog.tsx';
import type {Look} from './look.ts';

/** Columns and rows count from 0. */
export type Place = {readonly column: number; readonly row: number};

const nothing: Target = {on: 'nothing'};

export function targetAt(look: Look, scene: Scene, place: Place): Target {
  const {size, layout, dialog, help, prompt} = scene;
  const {column, row} = place;
  if (layout.mode === 'tooSmall' || column >= size.columns || row >= size.rows) {
    return nothing;
  }

  if (dialog !== undefined) {
    return keyTarget(dialogKeyAt(look, dialog, size, place));
  }

  if (help !== undefined) {
    return nothing;
  }

  if (row === size.rows - 1) {
    const {focus, idle, message} = scene;
    const line = {focus, idle, message, columns: size.columns};
    return prompt === undefined ? keyTarget(keyAt(look.glyphs, line, column)) : nothing;
  }

  return scene.isOpened ? nothing : inPanes(layout, place);
}

function keyTarget(key: string | undefined): Target {
  return key === undefined ? nothing : {on: 'key', key};
}

function inPanes(layout: Layout, place: Place): Target {
  const pane = panes.find(pane => belongsTo(layout, pane, place));
  if (pane === undefined) {
    return nothing;
  }

  const {top, left, columns, rows} = layout.panes[pane];
  const line = place.row - top;
  const heads = pane === 'files' ? headRows({columns, rows}) : 0;
  const isInside = place.column >= left && place.column < left + columns;
  if (!isInside || line < 0) {
    return {on: 'pane', pane, line: undefined};
  }

  const sort = line < heads ? columnAt(columns, place.column - left) : undefined;
  return sort === undefined
    ? {on: 'pane', pane, line: line < heads ? undefined : line - heads}
    : {on: 'head', sort};
}

/** Whether `place` is in `pane`, in its side walls, or in the wall above it. */
function belongsTo({panes: areas}: Layout, pane: Pane, {column, row}: Place): boolean {
  const {left, top, columns, rows} = areas[pane];
  return row >= top - 1 && row < top + rows && column >= left - 1 && column <= left + columns;
}

/** The sort order of the column whose head is at `column`; a column includes the gap before it. */
function columnAt(paneColumns: number, column: number): SortKey | undefined {
  const {front, name, size, changed} = fileColumns(paneColumns);
  const sizeEnd = front + name + columnGap + size;
  if (column < front + name) {
    return 'name';
  }

  if (column < sizeEnd) {
    return 'size';
  }

  return changed > 0 && column < sizeEnd + columnGap + changed ? 'time' : undefined;
}
