/** The schemas that the queue's database has had. An older database is migrated to the newest one. */
import {hostname} from 'node:os';
import process from 'node:process';
import type {DatabaseSync} from 'node:sqlite';
import {JangadaError} from '../../../../protocol/errors.ts';
import {isSystemError} from '../../terms/local-error.ts';

/** Step `n` migrates from version `n` to version `n + 1`. Released steps are never changed. */
const steps: readonly string[] = [
  `
  CREATE TABLE transfer (
    id INTEGER PRIMARY KEY,
    server TEXT NOT NULL,
    remote_path BLOB NOT NULL,
    folder TEXT NOT NULL,
    local_path BLOB NOT NULL,
    on_conflict TEXT NOT NULL,
    size INTEGER,
    position REAL NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    code TEXT,
    reason TEXT,
    verified_bytes INTEGER NOT NULL DEFAULT 0,
    reused_bytes INTEGER NOT NULL DEFAULT 0,
    added_ms INTEGER NOT NULL,
    settled_ms INTEGER,
    owner TEXT,
    seq INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX transfer_order ON transfer (server, position);
  CREATE INDEX transfer_seq ON transfer (seq);

  CREATE TABLE owner (
    name TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    heartbeat_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE lock (
    target TEXT PRIMARY KEY,
    owner TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX lock_owner ON lock (owner);

  CREATE TABLE counter (seq INTEGER NOT NULL) STRICT;
  INSERT INTO counter VALUES (0);
  `,
  `
  ALTER TABLE transfer ADD COLUMN version TEXT;

  CREATE TABLE partial (
    target TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    state TEXT NOT NULL,
    digests BLOB NOT NULL,
    saved_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE transfer ADD COLUMN priority INTEGER NOT NULL DEFAULT 1;
  DROP INDEX transfer_order;
  CREATE INDEX transfer_order ON transfer (server, priority, position);

  CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value INTEGER,
    seq INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Since this step a system lock decides which process works on a server's queue. Heartbeats and claims are dropped.
  `
  ALTER TABLE transfer ADD COLUMN name TEXT;
  ALTER TABLE transfer ADD COLUMN detail TEXT;
  ALTER TABLE transfer ADD COLUMN received_bytes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE transfer ADD COLUMN copied_bytes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE transfer ADD COLUMN bytes_per_second INTEGER NOT NULL DEFAULT 0;
  UPDATE transfer SET received_bytes = verified_bytes;
  UPDATE transfer SET state = 'queued', detail = 'begun' WHERE state = 'running';
  ALTER TABLE transfer DROP COLUMN owner;
  DROP TABLE owner;
  DROP TABLE lock;

  CREATE TABLE worker (
    server TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE wish (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server TEXT NOT NULL,
    wish TEXT NOT NULL,
    answer TEXT,
    made_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE process (
    name TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE place (
    target TEXT PRIMARY KEY,
    process TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX place_process ON place (process);

  CREATE TABLE small_files (
    folder TEXT NOT NULL,
    process TEXT NOT NULL,
    PRIMARY KEY (folder, process)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL UNIQUE,
    server TEXT NOT NULL,
    remote_path BLOB NOT NULL,
    version TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ms REAL NOT NULL,
    state TEXT NOT NULL,
    is_equal INTEGER NOT NULL,
    saved_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE undo_step (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    server TEXT NOT NULL,
    step TEXT NOT NULL,
    made_ms INTEGER NOT NULL
  ) STRICT;
  `,
];

/** The step that drops tables which older programs need. */
const newLocks = 3;

/** The heartbeat of an older program that is running is not older than this. */
const heartbeatMs = 15_000;

/**
 * Migrate `db` to the newest schema.
 *
 * @throws JangadaError `local_io` if a newer version of this program has written it.
 */
export function migrate(db: DatabaseSync): void {
  if (versionOf(db) > steps.length) {
    throw new JangadaError(
      'local_io',
      'The queue was written by a newer version of jangada: update this one',
    );
  }

  for (const [index, step] of steps.entries()) {
    if (index >= versionOf(db)) {
      // A step that fails is rolled back when the caller closes the database.
      db.exec('BEGIN IMMEDIATE');
      // Another process that started at the same time may have been faster.
      if (index >= versionOf(db)) {
        if (index === newLocks) {
          refuseWhileOlderWork(db);
        }

        db.exec(`${step} PRAGMA user_version = ${index + 1}`);
      }

      db.exec('COMMIT');
    }
  }
}

/**
 * An older program that has the queue open would not see the locks of this one.
 *
 * @throws JangadaError `local_io`
 */
function refuseWhileOlderWork(db: DatabaseSync): void {
  const rows = db
    .prepare('SELECT host, pid FROM owner WHERE abs(? - heartbeat_ms) <= ?')
    .all(Date.now(), heartbeatMs);
  const alive = rows.find(({host, pid}) => host !== hostname() || isThere(Number(pid)));
  if (alive !== undefined) {
    throw new JangadaError(
      'local_io',
      `An older version of jangada (process ${Number(alive.pid)}) has the queue open: end it first`,
    );
  }
}

/** Whether a process with this id runs on this machine. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists and belongs to another user.
    return isSystemError(error, 'EPERM');
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}
