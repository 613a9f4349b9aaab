import {rmSync} from 'node:fs';
import {dirname} from 'node:path';
import process from 'node:process';
import type {DatabaseSync} from 'node:sqlite';
import {displayName} from '../display-text.ts';
import {JangadaError} from '../errors.ts';
import {makeOwnFolder} from './make-own-folder.ts';
import {openSqlite} from './open-sqlite.ts';
import {lockFileOf} from './sqlite.ts';

type LockOptions = {
  /** A file for the lock alone. It is created if it is missing, and stays empty. Default: `file` with `.lock`. */
  lock?: string;
  /** How long to wait for other processes, in milliseconds. This thread does nothing else meanwhile. Default: 10 s. */
  patienceMs?: number;
};

/**
 * The result of `work`, which reads `file`, changes its text and writes it. Another process that uses this function for
 * the same file waits meanwhile, so no change is lost. The operating system releases the lock of a process that ends, in
 * whatever way.
 *
 * Where nothing can be locked, such as on some network disks, `work` runs without a lock.
 *
 * @throws JangadaError `local_io` if others hold the lock for too long; `unsafe_target` if the lock is a symbolic link;
 * the error of `work`.
 */
export function underLock<Result>(
  file: string,
  work: () => Result,
  {lock = `${file}.lock`, patienceMs = 10_000}: LockOptions = {},
): Result {
  const taken = take(lock, 0);
  if (taken !== 'busy') {
    return finished(work, taken);
  }

  const later = canLockBeside(lock) ? take(lock, patienceMs) : undefined;
  if (later === 'busy') {
    throw new JangadaError(
      'local_io',
      `'${displayName(file)}' cannot be changed: another jangada has held '${displayName(lock)}' for too long`,
    );
  }

  return finished(work, later);
}

function finished<Result>(work: () => Result, db: DatabaseSync | undefined): Result {
  try {
    return work();
  } finally {
    db?.close();
  }
}

/**
 * An open database with the lock: closing it releases the lock. `busy` if another process has it; undefined if this file
 * cannot be locked. Then writing `file` fails for the same reason, or nobody can lock there.
 *
 * @throws JangadaError `unsafe_target`.
 */
function take(lock: string, patienceMs: number): DatabaseSync | 'busy' | undefined {
  let db: DatabaseSync | undefined;
  try {
    makeOwnFolder(dirname(lock));
    db = openSqlite(lock);
    if (lockFileOf(db, patienceMs)) {
      return db;
    }

    db.close();
    return 'busy';
  } catch (error) {
    db?.close();
    if (error instanceof JangadaError) {
      throw error;
    }

    return undefined;
  }
}

/** Whether the disk has locks. SQLite says `busy` also for a disk without them. */
function canLockBeside(lock: string): boolean {
  const own = `${lock}.${process.pid}`;
  const taken = take(own, 0);
  if (typeof taken === 'object') {
    taken.close();
  }

  rmSync(own, {force: true});
  return taken !== 'busy';
}
