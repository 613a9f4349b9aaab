/**
 * Makes a folder and the missing folders above it, step by step. Node's own function loops for ever if the system says
 * that a folder does not exist although the one above it does (`/proc/x`), and reports "does not exist" for a read-only
 * disk.
 */
import {realpathSync, statSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import {disk} from './disk.ts';
import {noteNew} from './new-folders.ts';

/**
 * Make sure that there is a folder at `path`. Links on the way are followed.
 *
 * @throws JangadaError that names the folder that could not be made: `local_io`; `unsafe_target` if a part of the path
 * is not a folder; `no_space`.
 */
export function makePath(path: string): void {
  let at = resolve(path);
  if (statOf(at)?.isDirectory()) {
    return;
  }

  const missing: string[] = [];
  while (!make(at)) {
    missing.push(at);
    at = dirname(at);
  }

  for (const folder of missing.reverse()) {
    if (!make(folder)) {
      throw noFolderThere(folder);
    }
  }
}

/** The error for a folder that does not exist according to the system, although the one above it does. */
export function noFolderThere(path: string, cause?: unknown): JangadaError {
  const options = cause === undefined ? {} : {cause};
  return new JangadaError('local_io', `${displayName(path)}: no folder can be made there`, options);
}

/** @returns whether there is a folder at `path` now; false if the folder above it is missing. */
function make(path: string): boolean {
  try {
    disk.mkdirSync(path);
  } catch (error) {
    const isThere = statOf(path)?.isDirectory();
    // If the folder exists, some systems report another error than EEXIST.
    if (isThere === true) {
      return true;
    }

    if (isThere === undefined && isBelowNothing(error) && dirname(path) !== path) {
      return false;
    }

    throw isSystemError(error, 'EEXIST') ? notAFolder(path) : localError(error, path);
  }

  noteNew(realpathSync(path));
  return true;
}

/** The stats of `path`; undefined if nothing is there, or that cannot be determined. */
function statOf(path: string) {
  try {
    return statSync(path, {throwIfNoEntry: false});
  } catch {
    // The error of `mkdir` tells the reason.
    return undefined;
  }
}

/** Whether a folder could not be made because the one above it is missing or a file. */
function isBelowNothing(error: unknown): boolean {
  return isSystemError(error, 'ENOENT', 'ENOTDIR');
}

function notAFolder(path: string): JangadaError {
  const what = statOf(path) === undefined ? 'a link that leads nowhere' : 'a file';
  return new JangadaError(
    'unsafe_target',
    `${displayName(path)} is ${what}, but has to be a folder`,
  );
}
