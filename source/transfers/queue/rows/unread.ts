/**
 * How many transfers of a long queue have not been read yet, and in which state they are: so that
 * totals are right from the first moment on.
 */
import type {CountedTransfers} from '../../database/stored-rows.ts';
import {storedStateOf} from '../../database/stored-state.ts';
import type {StoredTransfer} from '../../database/stored-transfer.ts';
import {waitsForRoom} from '../../terms/transfer-state.ts';
import {noRows, type RowCounts} from './row-counter.ts';

export class Unread {
  readonly counts = noRows();
  // A transfer with a higher id was added later, and is not counted.
  readonly #lastId: number;
  #total = 0;

  constructor(counted: readonly CountedTransfers[]) {
    this.#lastId = Math.max(0, ...counted.map(({lastId}) => lastId));
    for (const group of counted) {
      this.#count(group.state, group.waitsForRoom, group.count);
    }
  }

  get total(): number {
    return this.#total;
  }

  /** These have been read, for the first time. */
  read(transfers: readonly StoredTransfer[]): void {
    for (const {id, state} of transfers) {
      if (id <= this.#lastId) {
        this.#count(storedStateOf(state), waitsForRoom(state), -1);
      }
    }
  }

  #count(state: CountedTransfers['state'], waits: boolean, by: number): void {
    this.#total = Math.max(0, this.#total + by);
    const name = counters[state] ?? (waits ? 'waiting' : undefined);
    if (name !== undefined) {
      // Since they were counted another process may have changed them.
      this.counts[name] = Math.max(0, this.counts[name] + by);
    }
  }
}

const counters: Partial<Record<CountedTransfers['state'], keyof RowCounts>> = {
  queued: 'queued',
  running: 'active',
  failed: 'failed',
  done: 'done',
};
