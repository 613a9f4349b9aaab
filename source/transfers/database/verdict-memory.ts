/**
 * Remembers how local files compared with files of servers, so that they need not be read again. A verdict counts only
 * while both files are unchanged since then; the caller checks that.
 */
import {nameFromBytes, nameToBytes, parseRemotePath} from '../../../protocol/remote-path.ts';
import type {Verdict} from '../terms/verdict.ts';
import type {Statements} from './sqlite/statements.ts';

/** Most verdicts kept, the newest ones: some ten megabytes. */
const mostVerdicts = 50_000;

export class VerdictMemory {
  readonly #statements: Statements;
  readonly #now: () => number;

  constructor(statements: Statements, now: () => number) {
    this.#statements = statements;
    this.#now = now;
  }

  /**
   * The last verdict on `file`, an absolute path, compared with a file of `server`, given as `host:port`.
   *
   * @throws the error of SQLite if the database cannot be read.
   */
  recall(server: string, file: string): Verdict | undefined {
    const row = this.#statements.get(
      `SELECT remote_path, version, size, mtime_ms, state, is_equal FROM verdict
        WHERE file = ? AND server = ?`,
      file,
      server,
    );
    return row === undefined ? undefined : verdictOf(row);
  }

  /** Store all of `verdicts`, by absolute path, in one transaction. @throws the error of SQLite. */
  remember(server: string, verdicts: Iterable<readonly [file: string, verdict: Verdict]>): void {
    this.#statements.transaction(() => {
      for (const [file, {remotePath, remote, state, equal}] of verdicts) {
        this.#statements.run(
          `INSERT OR REPLACE INTO verdict
            (file, server, remote_path, version, size, mtime_ms, state, is_equal, saved_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[file, server, nameToBytes(remotePath)],
          ...[remote.version, remote.size, remote.mtimeMs],
          ...[state, equal ? 1 : 0, this.#now()],
        );
      }
    });
  }

  /** Delete all but the newest verdicts. */
  prune(): void {
    this.#statements.run(
      'DELETE FROM verdict WHERE id <= (SELECT max(id) FROM verdict) - ?',
      mostVerdicts,
    );
  }
}

/** An invalid row counts as missing. */
function verdictOf(row: Record<string, unknown>): Verdict | undefined {
  const {remote_path: path, version, size, mtime_ms: mtimeMs, state, is_equal: isEqual} = row;
  if (
    !(path instanceof Uint8Array) ||
    typeof version !== 'string' ||
    typeof size !== 'number' ||
    typeof mtimeMs !== 'number' ||
    typeof state !== 'string'
  ) {
    return undefined;
  }

  try {
    const remotePath = parseRemotePath(nameFromBytes(path));
    return {remotePath, remote: {size, mtimeMs, version}, state, equal: isEqual === 1};
  } catch {
    return undefined;
  }
}
