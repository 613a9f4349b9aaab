/**
 * Flushes folders by path. Folders below a target folder are flushed through its descriptors instead (disk/flush.ts).
 */
import {closeSync, constants, openSync, realpathSync} from 'node:fs';
import {dirname} from 'node:path';
import {isSystemError, localError} from '../terms/local-error.ts';
import {disk} from './disk.ts';
import {isNew, nameFlushed} from './new-folders.ts';

/** Windows cannot flush folders. */
const canFlushFolders = process.platform !== 'win32';

/**
 * A descriptor for flushing the names in the folder at `path`; undefined if that is impossible.
 *
 * @param shown its path, to be shown to the user.
 * @throws JangadaError `local_io`.
 */
export function openToFlush(path: string, shown = path): number | undefined {
  try {
    return canFlushFolders
      ? openSync(path, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0))
      : undefined;
  } catch (error) {
    // A folder that may be written but not read.
    if (isSystemError(error, 'EACCES')) {
      return undefined;
    }

    throw localError(error, shown);
  }
}

/** Whether the file system cannot flush this kind of file; some cannot flush folders. */
export function cannotFlush(error: unknown): boolean {
  return isSystemError(error, 'EINVAL', 'ENOTSUP');
}

/**
 * Flush the names of the folder at `path` and of the folders above it that this process has just made. This blocks the
 * thread, so use it only for folders that are made once.
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
