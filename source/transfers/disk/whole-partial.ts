/** The partial of a small file: written in one go, with synchronous calls. */
import {closeSync, fstatSync, openSync} from 'node:fs';
import {join} from 'node:path';
import {disk} from '../system/disk.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import {markInUse} from './in-use.ts';
import {partialName} from './local-name.ts';
import {createFlags} from './partial-file.ts';
import type {OpenFolder} from './target-folder.ts';
import {isZeros} from './zeros.ts';

/** By descriptor: ends that the file counts as being written. */
const letGo = new Map<number, () => void>();

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
  let fd: number | undefined;
  try {
    fd = openSync(folder.at(partialName(name)), createFlags, 0o666);
    if (isZeros(bytes)) {
      // A hole, where the disk has holes.
      disk.ftruncateSync(fd, bytes.length);
    } else {
      writeAll(fd, bytes);
    }

    letGo.set(fd, markInUse(fstatSync(fd)));
    return fd;
  } catch (error) {
    if (fd !== undefined) {
      closeSync(fd);
      // A part of a block is of no use to anybody.
      disk.unlinkSync(folder.at(partialName(name)));
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
 * Close the descriptor that `createWholePartial` gave.
 *
 * @returns whether the partial still has a name: it has none once it was removed, or another file
 * took its place.
 * @throws the system's error.
 */
export function closeWholePartial(fd: number): boolean {
  letGo.get(fd)?.();
  letGo.delete(fd);
  try {
    return fstatSync(fd).nlink > 0;
  } finally {
    closeSync(fd);
  }
}
