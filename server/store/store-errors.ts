/** What goes wrong with a path, as errors for the client. */
import type {BigIntStats} from 'node:fs';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import {partialSuffix, type RemotePath} from '../../protocol/remote-path.ts';

/**
 * Refuse partials, and what lies under a folder of such a name: what is not complete is not
 * served.
 *
 * @throws JangadaError `forbidden`.
 */
export function refusePartial(path: RemotePath): void {
  if (path.includes(partialSuffix) && path.split('/').some(name => name.endsWith(partialSuffix))) {
    throw new JangadaError(
      'forbidden',
      `'${shortName(path)}' is a partial: it is not served before it is complete`,
    );
  }
}

/** `path` for a message: safe to show, and cut when it is very long. */
export function shortName(path: string): string {
  const shown = displayName(path);
  return shown.length > 300 ? `${shown.slice(0, 150)}…${shown.slice(-149)}` : shown;
}

export function notFound(path: string, cause?: unknown): JangadaError {
  return new JangadaError('not_found', `There is no '${shortName(path)}'`, {cause});
}

export function notAFile(path: string, stats: BigIntStats): JangadaError {
  const what = stats.isDirectory() ? 'a folder' : 'a FIFO, socket or device';
  return new JangadaError('not_a_file', `'${shortName(path)}' is ${what}, not a file`);
}

export function notAFolder(path: string): JangadaError {
  return new JangadaError('not_a_folder', `'${shortName(path)}' is not a folder`);
}

export function forbidden(path: string, cause?: unknown): JangadaError {
  return new JangadaError('forbidden', `The server may not read '${shortName(path)}'`, {cause});
}

/** What a system call's error says to the client. */
export function storeError(error: unknown, path: string): JangadaError {
  if (error instanceof JangadaError) {
    return error;
  }

  switch (systemErrorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return notFound(path, error);
    case 'EACCES':
    case 'EPERM':
      return forbidden(path, error);
    case 'EMFILE':
    case 'ENFILE':
      return new JangadaError('busy', 'The server has too many files open; try again later', {
        cause: error,
      });
    default:
      return new JangadaError('internal', `The server could not read '${shortName(path)}'`, {
        cause: error,
      });
  }
}
