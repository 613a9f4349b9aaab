/** Errors about a path, for clients. */
import {shortName} from '../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import type {EntryType} from '../../protocol/messages.ts';
import {partialSuffix, type RemotePath} from '../../protocol/remote-path.ts';

/**
 * Refuse partial files, and everything below a folder with the name of one: the server serves no incomplete file.
 *
 * @throws JangadaError `forbidden`.
 */
export function refusePartial(path: RemotePath): void {
  if (path.includes(partialSuffix) && path.split('/').some(name => name.endsWith(partialSuffix))) {
    throw new JangadaError(
      'forbidden',
      `'${shortName(path)}' is a partial file: the server does not send it before it is complete`,
    );
  }
}

export function notFound(path: string, cause?: unknown): JangadaError {
  return new JangadaError('not_found', `The server has no file or folder '${shortName(path)}'`, {
    cause,
  });
}

export function notAFile(path: string, type: EntryType): JangadaError {
  const noun = type === 'folder' ? 'a folder' : 'a FIFO, socket or device';
  return new JangadaError('not_a_file', `'${shortName(path)}' is ${noun}, not a file`);
}

export function notAFolder(path: string): JangadaError {
  return new JangadaError('not_a_folder', `'${shortName(path)}' is not a folder`);
}

export function forbidden(path: string, cause?: unknown): JangadaError {
  return new JangadaError('forbidden', `The server may not read '${shortName(path)}'`, {cause});
}

export function changed(path: string): JangadaError {
  return new JangadaError('changed', `'${shortName(path)}' has changed: ask for it again`);
}

/** The client's form of `error`, which a system call on `path` has caused. */
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
