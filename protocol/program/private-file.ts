/** Files with secrets: made for their owner alone, and not believed where others can read them. */
import {closeSync, fstatSync, openSync, readFileSync} from 'node:fs';
import {dirname} from 'node:path';
import process from 'node:process';
import {displayName} from '../display-text.ts';
import {JangadaError, systemErrorCode} from '../errors.ts';
import {makeOwnFolder} from './make-own-folder.ts';
import {replaceFile} from './replace-file.ts';

/** Bytes of such a file, at most. */
const mostBytes = 1_048_576;

/**
 * The text of the file at `path`; undefined if there is none.
 *
 * @throws JangadaError `local_io` if others can read it, or it cannot be read.
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
        `Others can read '${displayName(path)}', which has secrets: chmod 600 it`,
      );
    }

    if (size > mostBytes) {
      throw new JangadaError('local_io', `'${displayName(path)}' is too large to be such a file`);
    }

    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    throw error instanceof JangadaError ? error : unreadable(path, error);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Write `text` to the file at `path`, in a folder that is made if need be: others see all of what was
 * there before, or all of this.
 *
 * @throws JangadaError `local_io` if that is not possible.
 */
export function writePrivateFile(path: string, text: string): void {
  try {
    makeOwnFolder(dirname(path));
    replaceFile(path, text);
  } catch (error) {
    throw new JangadaError(
      'local_io',
      `'${displayName(path)}' cannot be written (${systemErrorCode(error) ?? 'unknown error'}). Its folder can be another one: JANGADA_STATE`,
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
