/**
 * How many transfers of a long queue have not been read yet, and in which state they are: so that
 * what is said of all of them is right from the first moment on.
 */

import type {CountedTransfers} from '../database/queue-store.ts';
import type {StoredTransfer} from '../database/stored-transfer.ts';
import {stateFromStore} from './from-store.ts';
import {countedAs, type RowCounts} from './rows.ts';

type IsAlive = (owner: string) => boolean;

export class Unread {
  readonly counts: RowCounts = {active: 0, queued: 0, waiting: 0, failed: 0, done: 0};
  readonly #isAlive: IsAlive;
  // What has a higher id was added later, and is not among them.
  readonly #lastId: number;
  #total = 0;

  constructor(counted: readonly CountedTransfers[], isAlive: IsAlive) {
    this.#isAlive = isAlive;
    this.#lastId = Math.max(0, ...counted.map(({lastId}) => lastId));
    for (const group of counted) {
      this.#count(group, group.count);
    }
  }

  get total(): number {
    return this.#total;
  }

  /** `stored` has been read, for the first time. */
  read(stored: StoredTransfer): void {
    if (stored.id <= this.#lastId) {
      this.#count(stored, -1);
    }
  }

  #count(
    stored: Pick<StoredTransfer, 'state' | 'outcome' | 'code' | 'reason' | 'owner'>,
    by: number,
  ): void {
    this.#total = Math.max(0, this.#total + by);
    const name = countedAs(stateFromStore(stored, this.#isAlive));
    if (name !== undefined) {
      // Since they were counted another client may have changed it.
      this.counts[name] = Math.max(0, this.counts[name] + by);
    }
  }
}
