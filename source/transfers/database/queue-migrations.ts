/** The shapes that the queue's database has had. A database of an older one is brought up to date. */
import type {DatabaseSync} from 'node:sqlite';
import {JangadaError} from '../../../protocol/errors.ts';

/** Step `n` leads from version `n` to version `n + 1`. Released steps are never changed. */
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
];

/**
 * Bring `db` to the newest shape.
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
      // What fails in between is taken back when who opened the database closes it.
      db.exec('BEGIN IMMEDIATE');
      // Another client that was started at the same time may have been first.
      db.exec(index >= versionOf(db) ? `${step} PRAGMA user_version = ${index + 1}` : '');
      db.exec('COMMIT');
    }
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}
