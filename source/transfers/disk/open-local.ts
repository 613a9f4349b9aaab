/**
 * Opens a file that the user has named, for reading. Links are followed, because the user gave the path. The calls are
 * asynchronous, so that a hanging disk, such as a network mount, delays nothing else.
 */
import type {Buffer} from 'node:buffer';
import {close, constants, fstat, open} from 'node:fs';
import {stat} from 'node:fs/promises';
import {promisify} from 'node:util';
import {displayName} from '../../../protocol/display-text.ts';
import {aborted, JangadaError, throwIfAborted} from '../../../protocol/errors.ts';
import {hasRawBytes, nameToBytes} from '../../../protocol/remote-path.ts';
import {localError} from '../terms/local-error.ts';
import {openFiles} from './open-files.ts';

const opening = promisify(open);
const closing = promisify(close);
const stating = promisify(fstat);

/** `path` for system calls. In `path`, bytes that are not UTF-8 are written as in protocol/remote-path.ts. */
export function localPlace(path: string): string | Buffer {
  return hasRawBytes(path) ? nameToBytes(path) : path;
}

/**
 * A descriptor for reading the regular file at `path`; see `localPlace`.
 *
 * If the system has no descriptor left, it waits for one, as downloads do.
 *
 * @throws JangadaError `local_io` if it does not exist, or is a folder, a FIFO or a device; `aborted`, at once.
 */
export async function openLocal(path: string, signal?: AbortSignal): Promise<number> {
  throwIfAborted(signal);
  const opened = openPatiently(path, signal);
  if (signal === undefined) {
    return await opened;
  }

  const stopped = Promise.withResolvers<never>();
  const onAbort = () => stopped.reject(aborted());
  signal.addEventListener('abort', onAbort, {once: true});
  try {
    return await Promise.race([opened, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function openPatiently(path: string, signal: AbortSignal | undefined): Promise<number> {
  for (;;) {
    try {
      const fd = await openPlain(path, signal);
      openFiles.opened();
      return fd;
    } catch (error) {
      if (!openFiles.mayRetry(error)) {
        throw error;
      }

      await openFiles.moment(signal);
    }
  }
}

/** @param signal if it is aborted meanwhile, the file is closed again. */
async function openPlain(path: string, signal: AbortSignal | undefined): Promise<number> {
  const place = localPlace(path);
  try {
    // Opening a device may have side effects.
    if (!(await stat(place)).isFile()) {
      throw notAFile(path);
    }

    // O_NONBLOCK: do not wait for the other end if a FIFO has replaced the file.
    const fd = await opening(place, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const isFile = (await stating(fd)).isFile();
    if (!isFile || signal?.aborted) {
      await closing(fd);
      throw isFile ? aborted() : notAFile(path);
    }

    return fd;
  } catch (error) {
    throw localError(error, path);
  }
}

function notAFile(path: string): JangadaError {
  return new JangadaError('local_io', `${displayName(path)} is not a file`);
}
