import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {aborted, JangadaError} from '../../../protocol/errors.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import type {StoredTransfer} from '../../transfers/database/stored-transfer.ts';
import {localNames} from '../../transfers/disk/local-name.ts';
import {deletePartial} from '../../transfers/disk/partial-file.ts';
import {TargetFolder} from '../../transfers/disk/target-folder.ts';

const lookEveryMs = 100;

/**
 * Delete what has been fetched of a canceled transfer, once the client that works on it has let go.
 *
 * @param limits `untilMs`: the time on the clock of `performance` until which that is waited for.
 * @throws JangadaError `locked` if it has not let go, `local_io`, `unsafe_target`, `aborted`.
 */
export async function deleteStoredPartial(
  store: QueueStore,
  {transfer}: StoredTransfer,
  limits: {untilMs: number; signal: AbortSignal},
): Promise<void> {
  const names = localNames(transfer.localPath) ?? [];
  const name = names.pop();
  // A folder that is not there is not made for this.
  if (name === undefined || !existsSync(transfer.folder)) {
    return;
  }

  using target = new TargetFolder(transfer.folder);
  const place = join(target.realPath, ...names, name);
  await lock(store, place, limits);
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
    store.unlock([place]);
  }
}

async function lock(
  store: QueueStore,
  place: string,
  {untilMs, signal}: {untilMs: number; signal: AbortSignal},
): Promise<void> {
  for (;;) {
    const holder = store.lock([place]).get(place);
    if (holder === undefined) {
      return;
    }

    if (performance.now() > untilMs) {
      const who = `process ${holder.pid} on ${holder.host}`;
      throw new JangadaError('locked', `another jangada (${who}) has not let go of it. Try again`);
    }

    try {
      await delay(lookEveryMs, undefined, {signal});
    } catch {
      throw aborted();
    }
  }
}
