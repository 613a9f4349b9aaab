import {dirname, join, parse} from 'node:path';
import type {DatabaseSync} from 'node:sqlite';
import {displayName} from '../display-text.ts';
import {JangadaError} from '../errors.ts';
import {makeOwnFolder} from './make-own-folder.ts';
import {openSqlite} from './open-sqlite.ts';
import {isBusy} from './sqlite.ts';

/**
 * The result of `work`, which reads `file`, changes its text and writes it. Meanwhile no other process does the same, so no
 * change is lost. The operating system releases the lock of a process that ends, in whatever way.
 *
 * The lock is an empty file in the folder `locks` beside `file`. It is created if it is missing, and stays.
 *
 * @param options.patienceMs how long to wait for other processes. This thread does nothing else meanwhile. Default: 10 s.
 * @throws JangadaError `local_io` if others hold the lock for too long, or if nothing can be locked there;
 * `unsafe_target` if the lock is a symbolic link; the error of `work`.
 */
export function underLock<Result>(
  file: string,
  work: () => Result,
  {patienceMs = 10_000}: {patienceMs?: number} = {},
): Result {
  const db = take(join(dirname(file), 'locks', parse(file).name), patienceMs);
  try {
    return work();
  } finally {
    db.close();
  }
}

/** An open database with the lock; closing it releases the lock. */
function take(lock: string, patienceMs: number): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    makeOwnFolder(dirname(lock));
    db = openSqlite(lock);
    // Without a journal file, a crash leaves nothing behind. If this user may only read the file, then the lock excludes
    // nobody, and setting `user_version` fails; its value is never stored.
    db.exec(
      `PRAGMA busy_timeout = ${patienceMs}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; PRAGMA user_version = 1`,
    );
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof JangadaError) {
      throw error;
    }

    const why = isBusy(error)
      ? 'another jangada has held it for too long'
      : error instanceof Error
        ? error.message
        : String(error);
    throw new JangadaError(
      'local_io',
      `'${displayName(lock)}' cannot be locked: ${displayName(why)}`,
      {cause: error},
    );
  }
}
