/** Gives a partial its final name, and turns a finished file back into a partial. */
import {lstatSync} from 'node:fs';
import {join} from 'node:path';
import {disk} from '../system/disk.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import type {OpenFolder} from './folders/target-folder.ts';
import {identityOf} from './in-use.ts';
import {partialName} from './local-name.ts';
import {lookAt} from './look-at.ts';

/**
 * Give the partial of `name` its final name.
 *
 * @throws JangadaError `exists` if something has that name by now and must not be replaced.
 */
export function giveFinalName(
  folder: Pick<OpenFolder, 'path' | 'at'>,
  name: string,
  options: {overwrite: boolean},
): void {
  const from = folder.at(partialName(name));
  const to = folder.at(name);
  try {
    if (options.overwrite) {
      disk.renameSync(from, to);
    } else {
      renameWithoutOverwriting(from, to);
    }
  } catch (error) {
    throw localError(error, join(folder.path, name));
  }
}

/**
 * Error codes of `link` on disks without hard links. EISDIR comes from Windows on FAT and exFAT, EACCES from Android.
 */
export const noHardLinks = ['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EISDIR', 'EACCES'];

function renameWithoutOverwriting(from: string, to: string): void {
  try {
    disk.linkSync(from, to);
  } catch (error) {
    if (!isSystemError(error, ...noHardLinks)) {
      throw error;
    }

    // A file system without hard links: to check, then rename, is the best possible.
    if (lstatSync(to, {throwIfNoEntry: false}) !== undefined) {
      throw Object.assign(new Error('EEXIST'), {code: 'EEXIST'});
    }

    disk.renameSync(from, to);
    return;
  }

  disk.unlinkSync(from);
}

/**
 * Remove the partial's name of the finished file `name`, if the file has both names: a process was killed between the
 * two steps of `renameWithoutOverwriting`. With both, the finished file would count as not here, and be fetched again.
 *
 * @throws JangadaError `local_io`.
 */
export function dropPartialName(folder: OpenFolder, name: string): void {
  const partial = lookAt(folder, partialName(name));
  if (partial.kind !== 'file' || partial.stats.nlink === 1) {
    return;
  }

  const final = lookAt(folder, name);
  if (final.kind === 'file' && identityOf(final.stats) === identityOf(partial.stats)) {
    try {
      disk.unlinkSync(folder.at(partialName(name)));
    } catch (error) {
      throw localError(error, join(folder.path, partialName(name)));
    }
  }
}

/** Turn the finished file `name` into its own partial, so that it can be repaired. */
export function demoteToPartial(folder: OpenFolder, name: string): void {
  try {
    disk.renameSync(folder.at(name), folder.at(partialName(name)));
  } catch (error) {
    throw localError(error, join(folder.path, name));
  }
}
