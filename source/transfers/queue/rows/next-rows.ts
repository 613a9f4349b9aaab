/** Chooses the rows of a queue that are to start next. */
import {dirname} from 'node:path';
import {openFiles} from '../../disk/open-files.ts';
import {isSmall, type Row, sizeOf} from './row.ts';
import type {RowOrder} from './row-order.ts';

/**
 * Small files that go together, fewest and most: many, so that round trips are shared; towards the
 * end fewer, so that no slot is left with all that remains. Between two groups a long way lies idle for a round
 * trip, so a single slot takes all that it may: but no more bytes, so that a row of a higher priority has its turn.
 */
const fewestSmall = 256;
const mostSmall = 2048;
const mostBytes = 33_554_432;

/** The folders they may be in, and rows that are looked through. */
const foldersAtOnce = 64;
const lookAhead = 4096;

type NextRows = {
  /** Index of a row; none before it is queued. */
  from: number;
  /** How many rows are queued in all. */
  queued: number;
  /** How many such work at once. */
  slots: number;
  /** Whether something still works on a row that is queued again. */
  isTaken(id: number): boolean;
};

/**
 * One larger file, or small ones that go together; empty: nothing can start.
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
 * `first` and small files behind it, of the same priority. No further row is looked at once there are
 * enough: each look may make a record of one that is packed.
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
  // Every folder is held open while a group runs.
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

/** The folder that a row saves in. */
function folderOf({transfer: {folder, localPath}}: Row): string {
  return `${folder}/${dirname(localPath)}`;
}
