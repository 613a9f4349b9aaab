import {existsSync, mkdtempSync, rmdirSync} from 'node:fs';
import path from 'node:path';
import {makePath} from '../../system/make-path.ts';
import {localError} from '../../terms/local-error.ts';

const known = new Map<string, boolean>();

/**
 * Whether the disk of `folder` treats names that differ only in case or in Unicode form as the same name. Tested with
 * an empty folder that is removed at once; the result is remembered.
 *
 * @throws JangadaError `local_io`, `no_space`.
 */
export function foldsNames(folder: string): boolean {
  let folds = known.get(folder);
  if (folds === undefined) {
    try {
      folds = tryOut(folder);
    } catch (error) {
      throw localError(error, folder);
    }

    known.set(folder, folds);
  }

  return folds;
}

function tryOut(folder: string): boolean {
  makePath(folder);
  const made = mkdtempSync(path.join(folder, '.jangada-\u00e9-'));
  try {
    const name = path.basename(made);
    return [name.toUpperCase(), name.normalize('NFD')].some(other =>
      existsSync(path.join(folder, other)),
    );
  } finally {
    rmdirSync(made);
  }
}
