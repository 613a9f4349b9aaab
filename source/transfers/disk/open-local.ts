/** Opens a file that the user has named, to read it. Links are followed: it is the user's own word. */
import type {Buffer} from 'node:buffer';
import {closeSync, constants, fstatSync, openSync, statSync} from 'node:fs';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {hasRawBytes, nameToBytes} from '../../../protocol/remote-path.ts';
import {localError} from '../terms/local-error.ts';

/** `path` for system calls; bytes in it that are not UTF-8 stand as in protocol/remote-path.ts. */
export function localPlace(path: string): string | Buffer {
  return hasRawBytes(path) ? nameToBytes(path) : path;
}

/**
 * A descriptor for reading the plain file at `path`; see `localPlace`.
 *
 * @throws JangadaError `local_io` if there is none, or it is a folder, a FIFO or a device.
 */
export function openLocal(path: string): number {
  const place = localPlace(path);
  try {
    // To open a device may do something.
    if (!statSync(place).isFile()) {
      throw notAFile(path);
    }

    // Not to wait for the other end of a FIFO that has taken its place.
    const fd = openSync(place, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!fstatSync(fd).isFile()) {
      closeSync(fd);
      throw notAFile(path);
    }

    return fd;
  } catch (error) {
    throw localError(error, path);
  }
}

function notAFile(path: string): JangadaError {
  return new JangadaError('local_io', `${displayName(path)} is not a file`);
}
