/** Finds files that have the final names of new transfers, before anything is queued or touched. */
import {join} from 'node:path';
import type {TargetFolder} from '../disk/folders/target-folder.ts';
import {localNames} from '../disk/local-name.ts';
import {lookAt} from '../disk/look-at.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {freeName} from './settle-conflict.ts';

export type Conflict = {
  transfer: NewTransfer;
  /** Absolute path of the file that has the final name now. */
  path: string;
  /** Its size in bytes and modification time in milliseconds since 1970. */
  size: number;
  mtimeMs: number;
  /** The name beside it that the answer `rename` would give, unless something has it by then. */
  freeName: string;
};

/** Looks between two turns of the event loop. */
const atOnce = 500;

/** The `transfers` whose final name a file has already, each with that file. */
export async function findConflicts(
  transfers: readonly NewTransfer[],
  target: (path: string) => TargetFolder,
): Promise<Conflict[]> {
  const found: Conflict[] = [];
  for (const [index, transfer] of transfers.entries()) {
    if (index % atOnce === atOnce - 1) {
      await new Promise(setImmediate);
    }

    const conflict = conflictOf(transfer, target);
    if (conflict !== undefined) {
      found.push(conflict);
    }
  }

  return found;
}

function conflictOf(
  transfer: NewTransfer,
  target: (path: string) => TargetFolder,
): Conflict | undefined {
  const names = localNames(transfer.localPath);
  const name = names?.pop();
  if (names === undefined || name === undefined) {
    return undefined;
  }

  try {
    const folder = target(transfer.folder).openExisting(names);
    if (folder === undefined) {
      return undefined;
    }

    try {
      const now = lookAt(folder, name);
      const path = join(folder.path, name);
      if (now.kind !== 'file') {
        return undefined;
      }

      const {size, mtimeMs} = now.stats;
      return {transfer, path, size, mtimeMs, freeName: freeName(folder, name)};
    } finally {
      folder.release();
    }
  } catch {
    // A place that cannot be used is no conflict: the transfer itself fails there, and says why.
    return undefined;
  }
}
