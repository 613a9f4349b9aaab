/** Chooses the rows of a queue that are to start next. */
import {dirname} from 'node:path';
import {openFiles} from '../../disk/open-files.ts';
import {isSmall, type Row} from './row.ts';
import type {RowOrder} from './row-order.ts';

/**
 * Small files that go together, fewest and most: many, so that round trips are shared; towards the
 * end fewer, so that no slot is left with all that remains.
 */
const fewestSmall = 256;
const mostSmall = 512;

/** The folders they may be in, and rows that are looked through. */
const foldersAtOnce = 64;
const lookAhead = 4096;

/**
 * One larger file, or small ones that go together; empty: nothing can start.
 *
 * @param rows in queue order; none before index `from` is queued.
 * @param slots How many such work at once.
 * @param isTaken Whether something still works on a row that is queued again.
 */
export function nextRows(
  rows: Pick<RowOrder, 'at' | 'slice' | 'length'>,
  from: number,
  slots: number,
  isTaken: (id: number) => boolean,
): Row[] {
  const canStart = (row: Row) => row.state.name === 'queued' && !isTaken(row.id);
  for (let at = from; at < rows.length; at++) {
    const row = rows.at(at);
    if (row !== undefined && canStart(row)) {
      return isSmall(row) ? smallWith(row, rows.slice(at, at + lookAhead), slots, canStart) : [row];
    }
  }

  return [];
}

/** `row` and small files behind it, of the same priority. */
function smallWith(
  {priority}: Row,
  behind: readonly Row[],
  slots: number,
  canStart: (row: Row) => boolean,
): Row[] {
  const rows = behind.filter(row => row.priority === priority && canStart(row) && isSmall(row));
  const share = Math.ceil(rows.length / (2 * slots));
  // Every folder is held open while a group runs.
  const foldersHere = Math.max(1, Math.min(foldersAtOnce, Math.floor(openFiles.folders / slots)));
  const folders = new Set<string>();
  return rows
    .slice(0, Math.max(fewestSmall, Math.min(mostSmall, share)))
    .filter(row => folders.add(folderOf(row)).size <= foldersHere);
}

/** The folder that a row saves in. */
function folderOf({transfer: {folder, localPath}}: Row): string {
  return `${folder}/${dirname(localPath)}`;
}
