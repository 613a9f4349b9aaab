/**
 * Makes a folder and those above it that are missing, step by step. Node's own way to do so goes round
 * for ever where the system says that a folder does not exist although the one above it does
 * (`/proc/x`), and says "it does not exist" of a disk that is read-only.
 */
import {realpathSync, statSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import {disk} from './disk.ts';
import {noteNew} from './new-folders.ts';

/**
 * See to it that there is a folder at `path`. Links on the way are followed.
 *
 * @throws JangadaError that names the folder that could not be made: `local_io`; `unsafe_target` where a
 * part is no folder; `no_space`.
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

/** The error for a folder that the system says does not exist, although the one above it does. */
export function noFolderThere(path: string, cause?: unknown): JangadaError {
  const options = cause === undefined ? {} : {cause};
  return new JangadaError('local_io', `${displayName(path)}: no folder can be made there`, options);
}

/** @returns whether there is a folder at `path` now; false: there is none above it. */
function make(path: string): boolean {
  try {
    disk.mkdirSync(path);
  } catch (error) {
    const isThere = statOf(path)?.isDirectory();
    // Not all systems say that a folder is there: some say that it cannot be made.
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

/** The thing at `path`; undefined: there is none, or it cannot be told. */
function statOf(path: string) {
  try {
    return statSync(path, {throwIfNoEntry: false});
  } catch {
    // The error of `mkdir` says why.
    return undefined;
  }
}

/** Whether a folder could not be made because the one above it is missing, or is a file. */
function isBelowNothing(error: unknown): boolean {
  return isSystemError(error, 'ENOENT', 'ENOTDIR');
}

function notAFolder(path: string): JangadaError {
  const what = statOf(path) === undefined ? 'a link that leads nowhere' : 'a file';
  return new JangadaError(
    'unsafe_target',
    `${displayName(path)} is ${what}, where a folder has to be`,
  );
}
