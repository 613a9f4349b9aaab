import {lstatSync} from 'node:fs';
import type {DatabaseSync} from 'node:sqlite';
import {displayName} from '../display-text.ts';
import {JangadaError} from '../errors.ts';
import {sqlite} from './sqlite.ts';

/**
 * Open the database in `file`; create it if it does not exist. Refuses links and pipes: SQLite would follow a link to a
 * file of anybody, and wait for ever until somebody opens the other end of a pipe.
 *
 * @throws JangadaError `unsafe_target` for a symbolic link, a folder or a device; the error of SQLite.
 */
export function openSqlite(file: string): DatabaseSync {
  const stats = lstatSync(file, {throwIfNoEntry: false});
  if (stats !== undefined && !stats.isFile()) {
    const [what, advice] = stats.isSymbolicLink()
      ? [
          'a symbolic link, and jangada follows no links here',
          'Move the file that it points to here',
        ]
      : ['not a file', 'Move it away'];
    throw new JangadaError(
      'unsafe_target',
      `${displayName(file)} is ${what}. ${advice}, or set JANGADA_STATE to another folder`,
    );
  }

  return new (sqlite().DatabaseSync)(file);
}
