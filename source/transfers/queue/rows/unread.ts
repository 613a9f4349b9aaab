/**
 * Counts the transfers of a long queue that were not read yet, by state, and their bytes, so that totals are right from
 * the first moment.
 */
import type {CountedTransfers} from '../../database/stored-rows.ts';
import {storedStateOf} from '../../database/stored-state.ts';
import type {StoredTransfer} from '../../database/stored-transfer.ts';
import {waitsForRoom} from '../../terms/transfer-state.ts';
import {type ByteTotals, bytesOf} from './row-bytes.ts';
import {noRows, type RowCounts} from './row-counter.ts';

export class Unread {
  readonly counts = noRows();
  // Transfers with a higher id were added later and are not counted.
  readonly #lastId: number;
  #total = 0;
  #bytes: ByteTotals = {wanted: 0, here: 0, left: 0, unsized: 0};

  constructor(counted: readonly CountedTransfers[]) {
    this.#lastId = Math.max(0, ...counted.map(({lastId}) => lastId));
    for (const group of counted) {
      this.#count(group.state, group.waitsForRoom, group.count);
      this.#countBytes(bytesOfGroup(group), 1);
    }
  }

  get total(): number {
    return this.#total;
  }

  get bytes(): ByteTotals {
    return this.#bytes;
  }

  /** These transfers were read, for the first time. */
  read(transfers: readonly StoredTransfer[]): void {
    for (const {id, state, transfer, receivedBytes, verifiedBytes} of transfers) {
      if (id <= this.#lastId) {
        this.#count(storedStateOf(state), waitsForRoom(state), -1);
        this.#countBytes(bytesOf({state, size: transfer.size, receivedBytes, verifiedBytes}), -1);
      }
    }
  }

  #count(state: CountedTransfers['state'], waits: boolean, by: number): void {
    this.#total = Math.max(0, this.#total + by);
    const name = state === 'paused' && waits ? 'waiting' : counters[state];
    if (name !== undefined) {
      // Another process may have changed transfers since they were counted.
      this.counts[name] = Math.max(0, this.counts[name] + by);
    }
  }

  #countBytes({wanted, here, left, unsized}: ByteTotals, by: 1 | -1): void {
    this.#bytes = {
      wanted: Math.max(0, this.#bytes.wanted + by * wanted),
      here: Math.max(0, this.#bytes.here + by * here),
      left: Math.max(0, this.#bytes.left + by * left),
      unsized: Math.max(0, this.#bytes.unsized + by * unsized),
    };
  }
}

/** The share of a group in the totals, computed as in `bytesOf` for one transfer. */
function bytesOfGroup({state, bytes, hereBytes, leftBytes, unsized}: CountedTransfers): ByteTotals {
  if (state === 'canceled' || state === 'removed') {
    return {wanted: 0, here: 0, left: 0, unsized: 0};
  }

  return state === 'queued' || state === 'running'
    ? {wanted: bytes, here: hereBytes, left: leftBytes, unsized}
    : {wanted: bytes, here: hereBytes, left: 0, unsized: 0};
}

const counters: Partial<Record<CountedTransfers['state'], keyof RowCounts>> = {
  queued: 'queued',
  running: 'active',
  paused: 'paused',
  failed: 'failed',
  done: 'done',
  canceled: 'canceled',
};
