/** Looks up names in an open folder, and opens regular files for reading. Links are never followed. */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  type Stats,
} from 'node:fs';
import {join} from 'node:path';
import {JangadaError} from '../../../protocol/errors.ts';
import {localError} from '../terms/local-error.ts';
import type {OpenFolder} from './folders/target-folder.ts';

/** To open a file of the user for writing: never through a link, and without waiting for the other end of a FIFO. */
export const writeFlags =
  constants.O_RDWR | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** What a name refers to now. `other`: a folder, a link or a device, which must not be touched. */
type Found = {kind: 'nothing'} | {kind: 'file'; stats: Stats} | {kind: 'other'};

/** Look up `name`. @throws JangadaError `local_io`. */
export function lookAt(folder: OpenFolder, name: string): Found {
  try {
    const stats = lstatSync(folder.at(name), {throwIfNoEntry: false});
    return stats === undefined
      ? {kind: 'nothing'}
      : stats.isFile()
        ? {kind: 'file', stats}
        : {kind: 'other'};
  } catch (error) {
    throw localError(error, join(folder.path, name));
  }
}

/** Size and times of the regular file `name`, to the nanosecond; undefined if there is none. @throws JangadaError `local_io`. */
export function exactStats(folder: OpenFolder, name: string): BigIntStats | undefined {
  try {
    const stats = lstatSync(folder.at(name), {bigint: true, throwIfNoEntry: false});
    return stats?.isFile() ? stats : undefined;
  } catch (error) {
    throw localError(error, join(folder.path, name));
  }
}

/**
 * A descriptor for reading the regular file `name`.
 *
 * @throws JangadaError `unsafe_target` for a link, a FIFO or a folder; `local_io`.
 */
export function openForReading(folder: OpenFolder, name: string): number {
  try {
    const fd = openSync(
      folder.at(name),
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    if (!fstatSync(fd).isFile()) {
      closeSync(fd);
      throw notAFile(join(folder.path, name));
    }

    return fd;
  } catch (error) {
    throw localError(error, join(folder.path, name));
  }
}

/** The error for a path where a regular file is required. */
export function notAFile(path: string): JangadaError {
  return new JangadaError(
    'unsafe_target',
    `${path} is not a plain file: remove it, or save somewhere else`,
  );
}
