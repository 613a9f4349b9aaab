/** Files with secrets: only their owner can read them, and files that others can read are refused. */
import {closeSync, fstatSync, openSync, readFileSync} from 'node:fs';
import {dirname} from 'node:path';
import process from 'node:process';
import {displayName} from '../display-text.ts';
import {JangadaError, systemErrorCode} from '../errors.ts';
import {makeOwnFolder} from './make-own-folder.ts';
import {replaceFile} from './replace-file.ts';

export type FolderVariable = 'JANGADA_CONFIG' | 'JANGADA_STATE';

/** The most bytes of such a file. */
const mostBytes = 1_048_576;

/**
 * The text of the file at `path`; undefined if it does not exist.
 *
 * @throws JangadaError `local_io` if other users can read it, or this user cannot.
 */
export function readPrivateFile(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') {
      return undefined;
    }

    throw unreadable(path, error);
  }

  try {
    const {mode, size} = fstatSync(descriptor);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new JangadaError(
        'local_io',
        `Other users can read '${displayName(path)}', which contains secrets: run chmod 600 on it`,
      );
    }

    if (size > mostBytes) {
      throw new JangadaError(
        'local_io',
        `'${displayName(path)}' is too large: a file of secrets has at most 1 MiB`,
      );
    }

    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    throw error instanceof JangadaError ? error : unreadable(path, error);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Write `text` to the file at `path`; make its folder if necessary. Other processes see either the whole old file or the
 * whole new one.
 *
 * @param variable the variable of the environment that names another folder, for the error.
 * @throws JangadaError `local_io` if writing fails.
 */
export function writePrivateFile(path: string, text: string, variable?: FolderVariable): void {
  try {
    makeOwnFolder(dirname(path));
    replaceFile(path, text);
  } catch (error) {
    const advice = variable === undefined ? '' : `. Set ${variable} to use another folder`;
    throw new JangadaError(
      'local_io',
      `'${displayName(path)}' cannot be written (${systemErrorCode(error) ?? 'unknown error'})${advice}`,
      {cause: error},
    );
  }
}

function unreadable(path: string, error: unknown): JangadaError {
  return new JangadaError(
    'local_io',
    `'${displayName(path)}' cannot be read (${systemErrorCode(error) ?? 'unknown error'})`,
    {cause: error},
  );
}
