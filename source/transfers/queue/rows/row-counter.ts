/** How many rows of a queue are in which state, kept with every change rather than counted. */
import {isRunning, type TransferState, waitsForRoom} from '../../terms/transfer-state.ts';
import type {Row} from './row.ts';

export type RowCounts = {
  active: number;
  queued: number;
  /** For room on the disk. */
  waiting: number;
  failed: number;
  done: number;
};

/** The counts of no rows. */
export function noRows(): RowCounts {
  return {active: 0, queued: 0, waiting: 0, failed: 0, done: 0};
}

export class RowCounter {
  readonly counts = noRows();
  /** Ids of the rows that are worked on. */
  readonly running = new Set<number>();
  /** Ids of the rows that wait for room on the disk, in the order in which they began to. */
  readonly waiting = new Set<number>();

  /** Count a row that came; with -1, one that is gone. */
  count({id, state}: Row, by: 1 | -1): void {
    const name = countedAs(state);
    if (name !== undefined) {
      this.counts[name] += by;
    }

    const ids = name === 'active' ? this.running : name === 'waiting' ? this.waiting : undefined;
    if (by === 1) {
      ids?.add(id);
    } else {
      ids?.delete(id);
    }
  }
}

/** The counter for rows in a state, if there is one. */
function countedAs(state: TransferState): keyof RowCounts | undefined {
  if (isRunning(state)) {
    return 'active';
  }

  if (state.name === 'queued' || state.name === 'failed' || state.name === 'done') {
    return state.name;
  }

  return waitsForRoom(state) ? 'waiting' : undefined;
}
