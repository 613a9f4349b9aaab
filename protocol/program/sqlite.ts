/** Node's SQLite, and the few result codes that the program distinguishes. */
import process from 'node:process';

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
