/**
 * The database in which programs of this user lock the paths that they save to. All downloads of this process share
 * one: opening and closing it takes longer than fetching a small file.
 */
import {openQueueStore} from '../transfers/database/open-queue-store.ts';
import type {QueueStore} from '../transfers/database/queue-store.ts';

/** The database stays open so long after the last download, because another may follow. */
const lingerMs = 1000;

type Shared = {store: QueueStore; users: number; timer: NodeJS.Timeout | undefined};

let shared: Shared | undefined;

/** The database, until the returned object is disposed of; `locks` is undefined if this user cannot have one. */
export function lendLocks(): Disposable & {readonly locks: QueueStore | undefined} {
  shared ??= open();
  const lent = shared;
  if (lent === undefined) {
    return {locks: undefined, [Symbol.dispose]() {}};
  }

  lent.users++;
  clearTimeout(lent.timer);
  return {
    locks: lent.store,
    [Symbol.dispose]() {
      lent.users--;
      if (lent.users === 0) {
        // The timer does not keep the process alive; the database is closed when the process exits.
        lent.timer = setTimeout(close, lingerMs).unref();
      }
    },
  };
}

function open(): Shared | undefined {
  const {store} = openQueueStore(process.env);
  if (store === undefined) {
    return undefined;
  }

  process.once('exit', close);
  return {store, users: 0, timer: undefined};
}

function close(): void {
  process.off('exit', close);
  shared?.store[Symbol.dispose]();
  shared = undefined;
}
