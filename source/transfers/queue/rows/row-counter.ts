/** The number of rows of a queue in each state, and their bytes, updated at every change instead of counted. */
import {type TransferState, waitsForRoom} from '../../terms/transfer-state.ts';
import {type Row, sizeOf} from './row.ts';
import {ByteSums} from './row-bytes.ts';

export type RowCounts = {
  active: number;
  queued: number;
  /** Waiting for room on the disk. */
  waiting: number;
  /** Paused by a user. */
  paused: number;
  failed: number;
  done: number;
  canceled: number;
};

/** The counts of no rows. */
export function noRows(): RowCounts {
  return {active: 0, queued: 0, waiting: 0, paused: 0, failed: 0, done: 0, canceled: 0};
}

export class RowCounter {
  readonly counts = noRows();
  readonly bytes = new ByteSums();
  /** Ids of the running rows. */
  readonly running = new Set<number>();
  /** Ids of the rows that wait for room on the disk, in the order in which they began to wait. */
  readonly waiting = new Set<number>();

  /** A row has changed. Most events of a small file change no count. */
  change(before: Row, after: Row): void {
    const isCountedSame =
      before.work === after.work &&
      before.transfer === after.transfer &&
      countedAs(before.state) === countedAs(after.state);
    if (!isCountedSame) {
      this.count(before, -1);
      this.count(after, 1);
    }
  }

  /** Count a new row; with -1, a removed one. */
  count(row: Row, by: 1 | -1): void {
    const {id, state, work} = row;
    const name = countedAs(state);
    this.counts[name] += by;
    const {receivedBytes, verifiedBytes} = work;
    this.bytes.count({state, size: sizeOf(row), receivedBytes, verifiedBytes}, by);

    const ids = name === 'active' ? this.running : name === 'waiting' ? this.waiting : undefined;
    if (by === 1) {
      ids?.add(id);
    } else {
      ids?.delete(id);
    }
  }
}

/** The counter for a state. */
function countedAs(state: TransferState): keyof RowCounts {
  switch (state.name) {
    case 'queued':
    case 'failed':
    case 'done':
    case 'canceled':
      return state.name;
    case 'paused':
      return waitsForRoom(state) ? 'waiting' : 'paused';
    default:
      return 'active';
  }
}
