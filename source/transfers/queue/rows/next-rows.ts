/** Chooses the rows of a queue that start next. */
import {dirname} from 'node:path';
import {openFiles} from '../../disk/open-files.ts';
import {isSmall, type Row, sizeOf} from './row.ts';
import type {RowOrder} from './row-order.ts';

/**
 * Fewest and most small files in a group: many, to share round trips; fewer towards the end of the queue, so that no
 * slot gets all that remains. Between two groups a long link is idle for a round trip, so a single slot takes as many
 * files as allowed; but the bytes are limited, so that a row of a higher priority gets its turn.
 */
const fewestSmall = 256;
const mostSmall = 2048;
const mostBytes = 33_554_432;

/** Most folders of a group, and most rows to look at. */
const foldersAtOnce = 64;
const lookAhead = 4096;

type NextRows = {
  /** Index of a row before which no row is queued. */
  from: number;
  /** Total number of queued rows. */
  queued: number;
  /** Number of larger files or groups that run at once. */
  slots: number;
  /** Whether previous work on a row that is queued again has not ended yet. */
  isTaken(id: number): boolean;
};

/**
 * One larger file, or small files that run together; empty if nothing can start.
 *
 * @param rows in queue order.
 */
export function nextRows(
  rows: Pick<RowOrder, 'at' | 'peek' | 'length'>,
  {from, queued, slots, isTaken}: NextRows,
): Row[] {
  const startable = (at: number): Row | undefined => {
    const row = rows.peek(at)?.state.name === 'queued' ? rows.at(at) : undefined;
    return row !== undefined && !isTaken(row.id) ? row : undefined;
  };
  for (let at = from; at < rows.length; at++) {
    const row = startable(at);
    if (row !== undefined) {
      return isSmall(row) ? smallFrom(row, at, rows.length, {startable, queued, slots}) : [row];
    }
  }

  return [];
}

/**
 * `first` and small files after it with the same priority. The search stops when there are enough, because looking at a
 * packed row may create a record.
 */
function smallFrom(
  first: Row,
  from: number,
  end: number,
  {
    startable,
    queued,
    slots,
  }: {startable: (at: number) => Row | undefined} & Omit<NextRows, 'from' | 'isTaken'>,
): Row[] {
  const ahead = Math.min(queued, lookAhead);
  const share = slots === 1 ? ahead : Math.ceil(ahead / (2 * slots));
  const most = Math.max(fewestSmall, Math.min(mostSmall, share));
  // Each folder stays open while the group runs.
  const foldersHere = Math.max(1, Math.min(foldersAtOnce, Math.floor(openFiles.folders / slots)));
  const folders = new Set<string>();
  const together: Row[] = [];
  let looked = 0;
  let bytes = 0;
  const hasRoom = () => looked < most && (looked < fewestSmall || bytes < mostBytes);
  const last = Math.min(end, from + lookAhead);
  for (let at = from; at < last && hasRoom(); at++) {
    const row = startable(at);
    if (row?.priority === first.priority && isSmall(row)) {
      looked++;
      bytes += sizeOf(row) ?? 0;
      if (folders.add(folderOf(row)).size <= foldersHere) {
        together.push(row);
      }
    }
  }

  return together;
}

/** The folder that the row's file is saved to. */
function folderOf({transfer: {folder, localPath}}: Row): string {
  return `${folder}/${dirname(localPath)}`;
}
