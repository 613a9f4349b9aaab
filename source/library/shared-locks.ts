/**
 * The database in which programs of this user hold the places that they save to. All downloads of this process share
 * one: to open and to close it takes longer than a small file does.
 */
import {openQueueStore} from '../transfers/database/open-queue-store.ts';
import type {QueueStore} from '../transfers/database/queue-store.ts';

/** It stays open for so long after the last download: there may be a next one. */
const lingerMs = 1000;

type Shared = {store: QueueStore; users: number; timer: NodeJS.Timeout | undefined};

let shared: Shared | undefined;

/** The database, until what is returned is disposed of; undefined where this user can have none. */
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
        // A process that has nothing else to do ends before, and closes it then.
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
