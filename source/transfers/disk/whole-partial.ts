/** The partial of a small file: written in one go, with synchronous calls. */
import {closeSync, fstatSync, lstatSync, openSync} from 'node:fs';
import {join} from 'node:path';
import {disk} from '../system/disk.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import type {OpenFolder} from './folders/target-folder.ts';
import {identityOf, markInUse} from './in-use.ts';
import {partialName} from './local-name.ts';
import {createFlags} from './partial-file.ts';
import {isZeros} from './zeros.ts';

type WholePartial = {
  /** The path by which system calls reach it. */
  place: string;
  identity: string;
  /** Ends that it counts as being written. */
  letGo: () => void;
};

/** By descriptor. */
const written = new Map<number, WholePartial>();

/**
 * Make the partial of `name` and write all its bytes.
 *
 * @returns its descriptor, for `closeWholePartial`; undefined if something has its name already.
 * @throws JangadaError `no_space`, `local_io`.
 */
export function createWholePartial(
  folder: OpenFolder,
  name: string,
  bytes: Uint8Array,
): number | undefined {
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
    written.set(fd, {place, identity: identityOf(stats), letGo: markInUse(stats)});
    return fd;
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
 * Close the descriptor that `createWholePartial` gave; its folder is still open.
 *
 * @returns whether the partial still has its name: it has none once it was removed or moved away, or
 * another file took its place.
 * @throws the system's error.
 */
export function closeWholePartial(fd: number): boolean {
  const partial = written.get(fd);
  written.delete(fd);
  partial?.letGo();
  try {
    // As long as it is open, no other file has its inode.
    const there = partial && lstatSync(partial.place, {throwIfNoEntry: false});
    return there !== undefined && identityOf(there) === partial?.identity;
  } finally {
    closeSync(fd);
  }
}
