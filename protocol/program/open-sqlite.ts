import {lstatSync} from 'node:fs';
import type {DatabaseSync} from 'node:sqlite';
import {displayName} from '../display-text.ts';
import {JangadaError} from '../errors.ts';
import {sqlite} from './sqlite.ts';

/**
 * The database in `file`, made if it does not exist. SQLite would follow a link to a file of anybody,
 * and wait for ever for somebody to open the other end of a pipe.
 *
 * @throws JangadaError `unsafe_target` for a symbolic link, a folder or a device; the error of SQLite.
 */
export function openSqlite(file: string): DatabaseSync {
  const stats = lstatSync(file, {throwIfNoEntry: false});
  if (stats !== undefined && !stats.isFile()) {
    const [what, advice] = stats.isSymbolicLink()
      ? ['a symbolic link, and links are not followed', 'Move what it leads to here']
      : ['no file', 'Move it away'];
    throw new JangadaError(
      'unsafe_target',
      `${displayName(file)} is ${what}. ${advice}, or let JANGADA_STATE name another folder`,
    );
  }

  return new (sqlite().DatabaseSync)(file);
}
