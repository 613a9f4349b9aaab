/** The partial of a small file, written at once with synchronous calls. */
import {closeSync, fstatSync, lstatSync, openSync} from 'node:fs';
import {join} from 'node:path';
import {disk} from '../system/disk.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import type {OpenFolder} from './folders/target-folder.ts';
import {markInUse} from './in-use.ts';
import {partialName} from './local-name.ts';
import {createFlags} from './partial-file.ts';
import {isZeros} from './zeros.ts';

/** An open partial that has all bytes of its file. */
export type WholePartial = {
  readonly fd: number;
  readonly dev: number;
  readonly ino: number;
  /** The path by which system calls reach the partial. */
  readonly place: string;
  /** Ends the mark that the file is being written. */
  readonly letGo: () => void;
};

/**
 * Create the partial of `name` and write all its bytes. End it with `closeWholePartial`.
 *
 * @returns undefined if its name is taken.
 * @throws JangadaError `no_space`, `local_io`.
 */
export function createWholePartial(
  folder: Pick<OpenFolder, 'path' | 'at'>,
  name: string,
  bytes: Uint8Array,
): WholePartial | undefined {
  const place = folder.at(partialName(name));
  let fd: number | undefined;
  try {
    fd = openSync(place, createFlags, 0o666);
    if (isZeros(bytes)) {
      // A hole, if the file system supports holes.
      disk.ftruncateSync(fd, bytes.length);
    } else {
      writeAll(fd, bytes);
    }

    const stats = fstatSync(fd);
    const {dev, ino} = stats;
    return {fd, dev, ino, place, letGo: markInUse(stats)};
  } catch (error) {
    if (fd !== undefined) {
      closeSync(fd);
      // An incomplete block is useless.
      disk.unlinkSync(place);
    }

    if (fd === undefined && isSystemError(error, 'EEXIST')) {
      return undefined;
    }

    throw localError(error, join(folder.path, partialName(name)));
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += disk.writeSync(fd, bytes, done, bytes.length - done, done);
  }
}

/**
 * Close a partial. Its folder must still be open; if its place is a relative path, it must be the current folder.
 *
 * @returns whether the partial still has its name; false if it was removed, moved away or replaced.
 * @throws the system's error; the file is closed even then.
 */
export function closeWholePartial(partial: WholePartial): boolean {
  partial.letGo();
  try {
    // While the file is open, no other file can have its inode.
    const there = lstatSync(partial.place, {throwIfNoEntry: false});
    return there !== undefined && there.ino === partial.ino && there.dev === partial.dev;
  } finally {
    closeSync(partial.fd);
  }
}
