/** Node's SQLite, and the few of its result codes that the program tells apart. */
import process from 'node:process';

/**
 * The module `node:sqlite`. Node 22 warns that its SQLite is experimental, which a user cannot act
 * on: the warning is left out.
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
/** A file that is no database, or no longer a whole one. */
const damagedCodes: ReadonlySet<number> = new Set([11, 26]);

/** Whether another connection holds the database: the same call may succeed later. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === busyCode;
}

/** Whether the file is no database, or no longer a whole one. */
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
