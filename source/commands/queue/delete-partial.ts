import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {aborted, JangadaError} from '../../../protocol/errors.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import type {StoredTransfer} from '../../transfers/database/stored-transfer.ts';
import {TargetFolder} from '../../transfers/disk/folders/target-folder.ts';
import {namesBelow} from '../../transfers/disk/local-name.ts';
import {deletePartial} from '../../transfers/disk/partial-file.ts';

const lookEveryMs = 100;

/** How long to wait for another process that saves to the same path. */
const patienceMs = 10_000;

/**
 * Delete the partial of a canceled transfer whose queue no process works on.
 *
 * @throws JangadaError `locked` if another process saves to its path, `local_io`, `unsafe_target`, `aborted`.
 */
export async function deleteStoredPartial(
  store: QueueStore,
  {transfer, name: chosenName}: StoredTransfer,
  signal: AbortSignal,
): Promise<void> {
  const names = namesBelow(transfer.localPath, chosenName) ?? [];
  const name = names.pop();
  // If the folder does not exist, there is no partial: the folder is not made for this.
  if (name === undefined || !existsSync(transfer.folder)) {
    return;
  }

  using target = new TargetFolder(transfer.folder);
  const place = join(target.realPath, ...names, name);
  await hold(store, place, signal);
  try {
    const folder = target.openExisting(names);
    try {
      if (folder !== undefined) {
        deletePartial(folder, name);
        store.partials.forget(place);
      }
    } finally {
      folder?.release();
    }
  } finally {
    store.places.release([place]);
  }
}

async function hold(store: QueueStore, place: string, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const holder = store.places.hold([place]).get(place);
    if (holder === undefined) {
      return;
    }

    if (performance.now() > untilMs) {
      const process = `process ${holder.pid} on ${holder.host}`;
      throw new JangadaError(
        'locked',
        `another jangada (${process}) still saves to the partial. Try again`,
      );
    }

    try {
      await delay(lookEveryMs, undefined, {signal});
    } catch {
      throw aborted();
    }
  }
}
