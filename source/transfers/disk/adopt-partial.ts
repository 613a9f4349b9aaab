/**
 * Turns an unfinished file of another tool into the partial of a download. None of its bytes are trusted: its blocks
 * are checked like those of any partial. All checks that may refuse the file come before the first change.
 */
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import {basename, dirname, join, resolve} from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {partialSuffix} from '../../../protocol/remote-path.ts';
import {disk} from '../system/disk.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import {noHardLinks} from './final-name.ts';
import type {OpenFolder} from './folders/target-folder.ts';
import {isInUse} from './in-use.ts';
import {partialName} from './local-name.ts';
import {lookAt, writeFlags} from './look-at.ts';
import {localPlace} from './open-local.ts';

/**
 * Rename the file at `local` to the partial of `name` in `folder`. If it already has the final or the partial's name,
 * it stays where it is. Bytes of `local` that are not UTF-8 are written as in protocol/remote-path.ts.
 *
 * The caller must hold the place, also against other processes.
 *
 * @returns whether the file was renamed.
 * @throws JangadaError `local_io` if there is no such file, or it may not be written, or is on another file system;
 * `unsafe_target` if it is not a regular file or has a second name; `exists` if another file has the final or the
 * partial's name; `locked` if this process is writing it.
 */
export function adoptPartial(folder: OpenFolder, name: string, local: string): boolean {
  try {
    const stats = statsOf(folder, name, local);
    if (isInPlace(folder, name, local, stats)) {
      return false;
    }

    refuseWhatIsInUse(local, stats);
    move(folder, name, local, stats);
    return true;
  } catch (error) {
    throw localError(error, local);
  }
}

function statsOf(folder: OpenFolder, name: string, local: string): Stats {
  const stats = lstatSync(localPlace(local), {throwIfNoEntry: false});
  const shown = displayName(local);
  if (stats === undefined) {
    const partial = partialName(name);
    // The user may have repeated an interrupted command with the same arguments.
    const advice =
      lookAt(folder, partial).kind === 'file'
        ? `. ${displayName(partial)} exists: to continue it, leave out --from`
        : '';
    throw new JangadaError('local_io', `${shown} does not exist${advice}`);
  }

  if (!stats.isFile()) {
    throw new JangadaError(
      'unsafe_target',
      `${shown} is a folder, a link or a device: only a plain file can become a partial`,
    );
  }

  return stats;
}

/** Whether `local` already is the partial or the final file. @throws JangadaError `exists`. */
function isInPlace(folder: OpenFolder, name: string, local: string, stats: Stats): boolean {
  let inPlace = false;
  for (const place of [partialName(name), name]) {
    const found = lookAt(folder, place);
    if (found.kind === 'file' && isSameFile(found.stats, stats)) {
      // With only one link, the same file must have the same name, however the user wrote it.
      inPlace ||= stats.nlink === 1 || isAt(folder, place, local);
    } else if (found.kind !== 'nothing') {
      throw isInTheWay(join(folder.path, place), local, place === name);
    }
  }

  return inPlace;
}

function isInTheWay(path: string, local: string, isFinal: boolean): JangadaError {
  const advice = isFinal
    ? 'it would be replaced. Save somewhere else with --to, or remove it'
    : 'to continue it, leave out --from';
  return new JangadaError(
    'exists',
    `${displayName(path)} exists already: ${advice}. Nothing was touched; ` +
      `--seed instead of --from uses the blocks of ${displayName(local)} without renaming it`,
  );
}

function isAt(folder: OpenFolder, name: string, local: string): boolean {
  return (
    basename(local) === name &&
    isSameFile(statSync(localPlace(dirname(local))), statSync(folder.at('.')))
  );
}

function refuseWhatIsInUse(local: string, stats: Stats): void {
  const shown = displayName(local);
  if (stats.nlink > 1) {
    throw new JangadaError(
      'unsafe_target',
      `${shown} has a second name (a hard link), under which it must not change: use --seed instead of --from`,
    );
  }

  if (isInUse(stats)) {
    throw new JangadaError('locked', `${shown} is being written by another transfer`);
  }

  // Fail before the rename if the file cannot be written, because then it could not be continued.
  const fd = openSync(localPlace(local), writeFlags);
  const opened = fstatSync(fd);
  closeSync(fd);
  if (!isSameFile(opened, stats)) {
    throw wasReplaced(local);
  }
}

function move(folder: OpenFolder, name: string, local: string, stats: Stats): void {
  const partial = folder.at(partialName(name));
  const place = localPlace(local);
  try {
    disk.linkSync(place, partial);
  } catch (error) {
    if (isSystemError(error, 'EXDEV')) {
      throw new JangadaError(
        'local_io',
        `${displayName(local)} is on another file system than ${displayName(folder.path)}, so it cannot be renamed: use --seed instead of --from`,
        {cause: error},
      );
    }

    if (!isSystemError(error, ...noHardLinks)) {
      throw error;
    }

    // A file system without hard links. A moment ago nothing had the name: no better check is possible there.
    disk.renameSync(place, partial);
    return;
  }

  try {
    if (!isSameFile(lstatSync(partial), stats)) {
      throw wasReplaced(local);
    }

    disk.unlinkSync(place);
  } catch (error) {
    disk.unlinkSync(partial);
    throw error;
  }
}

function wasReplaced(local: string): JangadaError {
  return new JangadaError('unsafe_target', `${displayName(local)} was replaced meanwhile`);
}

function isSameFile(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** The final name that belongs to the partial at `path`, or `path` itself if it is not a partial. */
export function placeOfPartial(path: string): string {
  const name = basename(path, partialSuffix);
  const folder = dirname(resolve(path));
  try {
    return join(realpathSync(folder), name);
  } catch {
    // The error for a missing file comes when it is opened.
    return join(folder, name);
  }
}
