/** Flushes folders at paths; those below a target folder are flushed through its descriptors (disk/flush.ts). */
import {closeSync, constants, openSync, realpathSync} from 'node:fs';
import {dirname} from 'node:path';
import {isSystemError, localError} from '../terms/local-error.ts';
import {disk} from './disk.ts';
import {isNew, nameFlushed} from './new-folders.ts';

/** Folders cannot be flushed on Windows. */
const canFlushFolders = process.platform !== 'win32';

/**
 * A descriptor to flush the names in the folder at `path` with; undefined where that cannot be done.
 *
 * @param shown its path for people.
 * @throws JangadaError `local_io`.
 */
export function openToFlush(path: string, shown = path): number | undefined {
  try {
    return canFlushFolders
      ? openSync(path, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0))
      : undefined;
  } catch (error) {
    // A folder that may be written and not read.
    if (isSystemError(error, 'EACCES')) {
      return undefined;
    }

    throw localError(error, shown);
  }
}

/** Whether a file system cannot flush such a thing; some cannot flush a folder. */
export function cannotFlush(error: unknown): boolean {
  return isSystemError(error, 'EINVAL', 'ENOTSUP');
}

/**
 * Flush the names of the folder at `path` and of those above it, as far as this process has just made
 * them. Holds everything up for as long as that takes: only for what is made once.
 *
 * @throws JangadaError `local_io`.
 */
export function flushNamesOf(path: string): void {
  for (let at = realpathSync(path); isNew(at); at = dirname(at)) {
    flushNames(dirname(at));
    nameFlushed([at]);
  }
}

function flushNames(folder: string): void {
  const fd = openToFlush(folder);
  if (fd === undefined) {
    return;
  }

  try {
    disk.fsyncSync(fd);
  } catch (error) {
    if (!cannotFlush(error)) {
      throw localError(error, folder);
    }
  } finally {
    closeSync(fd);
  }
}
