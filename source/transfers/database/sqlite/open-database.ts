/** Opens the queue's database file. A damaged file is put aside, never deleted. */
import {chmodSync, existsSync, renameSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {DatabaseSync} from 'node:sqlite';
import {displayName} from '../../../../protocol/display-text.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import {openSqlite} from '../../../../protocol/program/open-sqlite.ts';
import {isBusy, isDamaged, isSqliteError} from '../../../../protocol/program/sqlite.ts';
import {flushNamesOf} from '../../system/flush-path.ts';
import {makePath} from '../../system/make-path.ts';
import {localError} from '../../terms/local-error.ts';
import {inodeOf, SystemLock} from '../locks/system-lock.ts';
import {migrate} from './migrations.ts';

/** How long a call waits for another client that has locked the database. */
export const busyTimeoutMs = 5000;

const againEveryMs = 10;

/**
 * The database at `file`, created if it does not exist, with the newest schema.
 *
 * @throws JangadaError `local_io`; `unsafe_target` for a symbolic link.
 */
export function openDatabase(file: string): {db: DatabaseSync; notice: string | undefined} {
  try {
    makePath(dirname(file));
    flushNamesOf(dirname(file));
    return {db: openWhenFree(file), notice: undefined};
  } catch (error) {
    if (!isDamaged(error)) {
      throw databaseError(error, file);
    }
  }

  const lock = new SystemLock(join(dirname(file), 'locks', 'put-aside'));
  try {
    return beginAnew(file, lock);
  } catch (error) {
    throw databaseError(error, file);
  } finally {
    lock[Symbol.dispose]();
  }
}

/**
 * Put the damaged database at `file` aside and create a new one. One process at a time does this; the others find the
 * new one.
 */
function beginAnew(file: string, lock: SystemLock): {db: DatabaseSync; notice: string | undefined} {
  const untilMs = performance.now() + busyTimeoutMs;
  while (!lock.take() && performance.now() < untilMs) {
    pause();
  }

  try {
    return {db: openWhenFree(file), notice: undefined};
  } catch (error) {
    if (!isDamaged(error) || !lock.held) {
      throw error;
    }
  }

  const aside = putAside(file);
  return {
    db: openWhenFree(file),
    notice: `The queue was damaged, and a new one was begun. The old one is kept as ${displayName(aside)}; partials are continued when their files are downloaded again`,
  };
}

/**
 * SQLite does not wait while another process creates the same database or its write-ahead log: it reports at once that
 * the database is locked. A database that another process puts aside at this moment fails in other ways; then the new
 * one is opened.
 */
function openWhenFree(file: string): DatabaseSync {
  const untilMs = performance.now() + busyTimeoutMs;
  for (;;) {
    const before = inodeOf(file);
    try {
      return open(file);
    } catch (error) {
      const mayBeFree = isBusy(error) || (before !== undefined && before !== inodeOf(file));
      if (!mayBeFree || performance.now() > untilMs) {
        throw error;
      }
    }

    pause();
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, againEveryMs);
}

function open(file: string): DatabaseSync {
  const db = openSqlite(file);
  try {
    db.exec(
      `PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`,
    );
    // The file shows what the user has fetched, and from where.
    chmodSync(file, 0o600);
    const check = db.prepare('PRAGMA quick_check(1)').get();
    if (check?.quick_check !== 'ok') {
      throw Object.assign(new Error('damaged'), {errcode: 11});
    }

    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function putAside(file: string): string {
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const aside = `${file}.damaged-${stamp}`;
  // The database file is renamed last: before that, no process can have begun a new one with a log of its own.
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(file + suffix)) {
      renameSync(file + suffix, aside + suffix);
    }
  }

  return aside;
}

/** An error of SQLite or of the system about the database at `file`, in words for the user. */
export function databaseError(error: unknown, file: string): JangadaError {
  if (error instanceof JangadaError) {
    return error;
  }

  return isSqliteError(error)
    ? new JangadaError(
        'local_io',
        `The queue ${displayName(file)} cannot be opened: ${error.message}`,
        {cause: error},
      )
    : localError(error, file);
}
