/** Node's SQLite, and the few result codes that the program distinguishes. */
import process from 'node:process';
import type {DatabaseSync} from 'node:sqlite';

/**
 * The module `node:sqlite`. Node 22 warns that its SQLite is experimental; this suppresses the warning, because a user can
 * do nothing about it.
 */
export function sqlite(): typeof import('node:sqlite') {
  const {emitWarning} = process;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * Lock the file of `db` for this process until `db` is closed. Nothing is ever stored in the file.
 *
 * @param patienceMs how long to wait for another process. This thread does nothing else meanwhile.
 * @returns false if another process has the lock, or if SQLite finds that the disk has no locks.
 * @throws the error of SQLite if the file cannot be locked.
 */
export function lockFileOf(db: DatabaseSync, patienceMs = 0): boolean {
  try {
    // Nothing is written, so a journal file would only have to be removed after a crash. SQLite also opens a file that this
    // user may only read, and then its lock excludes nobody: setting `user_version` fails in that case.
    db.exec(
      `PRAGMA busy_timeout = ${patienceMs}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; PRAGMA user_version = 1`,
    );
    return true;
  } catch (error) {
    if (isBusy(error)) {
      return false;
    }

    throw error;
  }
}

const busyCode = 5;
/** The codes for a file that is not a database, or a damaged one. */
const damagedCodes: ReadonlySet<number> = new Set([11, 26]);

/** Whether another connection locks the database: the same call may succeed later. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === busyCode;
}

/** Whether the file is not a database, or a damaged one. */
export function isDamaged(error: unknown): boolean {
  return damagedCodes.has(sqliteCode(error) ?? 0);
}

/** Whether SQLite has thrown `error`. */
export function isSqliteError(error: unknown): error is Error {
  return sqliteCode(error) !== undefined;
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}
