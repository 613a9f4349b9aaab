/** The partial of a small file: written in one go, with synchronous calls. */
import {closeSync, fstatSync, lstatSync, openSync} from 'node:fs';
import {join} from 'node:path';
import {disk} from '../system/disk.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import type {OpenFolder} from './folders/target-folder.ts';
import {markInUse} from './in-use.ts';
import {partialName} from './local-name.ts';
import {createFlags} from './partial-file.ts';
import {isZeros} from './zeros.ts';

/** An open partial with all bytes of its file. */
export type WholePartial = {
  readonly fd: number;
  readonly dev: number;
  readonly ino: number;
  /** The path by which system calls reach it. */
  readonly place: string;
  /** Ends that it counts as being written. */
  readonly letGo: () => void;
};

/**
 * Make the partial of `name` and write all its bytes.
 *
 * @returns undefined if something has its name already; `closeWholePartial` ends it otherwise.
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
      // A hole, where the disk has holes.
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
      // A part of a block is of no use to anybody.
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
 * Close a partial; its folder is still open, and the current one where its place is relative.
 *
 * @returns whether it still has its name: it has none once it was removed or moved away, or another
 * file took its place.
 * @throws the system's error: the file is closed all the same.
 */
export function closeWholePartial(partial: WholePartial): boolean {
  partial.letGo();
  try {
    // As long as it is open, no other file has its inode.
    const there = lstatSync(partial.place, {throwIfNoEntry: false});
    return there !== undefined && there.ino === partial.ino && there.dev === partial.dev;
  } finally {
    closeSync(partial.fd);
  }
}
