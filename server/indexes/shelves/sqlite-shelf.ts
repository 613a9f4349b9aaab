/**
 * Digests in a database that all servers of this user on this machine share. The digests can always be computed again, so
 * a damaged database, or one of another version of the program, is removed.
 */
import {chmodSync, rmSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import type {DatabaseSync, StatementSync} from 'node:sqlite';
import {makeOwnFolder} from '../../../protocol/program/make-own-folder.ts';
import {openSqlite} from '../../../protocol/program/open-sqlite.ts';
import {isBusy, isDamaged} from '../../../protocol/program/sqlite.ts';
import type {DigestRun} from '../digest-shelf.ts';
import type {BlockingShelf, SectionToSave} from './blocking-shelf.ts';
import {
  decodeSection,
  encodeSection,
  joinRuns,
  type SectionKey,
  sectionName,
} from './section-bytes.ts';

/** 1 GiB holds the digests of 32 TiB, or of ten million files of one block. */
const defaultLimitBytes = 1_073_741_824;

/** How long to wait for another server that locks the database. A request waits longer than this (`PatientShelf`). */
const busyTimeoutMs = 1000;
const againEveryMs = 10;

/** How many sections are removed at once, and how often in one call, because other servers wait meanwhile. */
const removedAtOnce = 8;
const mostRounds = 64;

/** The version of the tables. */
const shape = 1;

const dayMs = 86_400_000;

export class SqliteShelf implements BlockingShelf {
  readonly #file: string;
  readonly #limitBytes: number;
  #open: OpenDatabase | undefined;
  /** The inode of the database that was opened last, or failed to open. */
  #inode: bigint | undefined;

  constructor(file: string, limitBytes = defaultLimitBytes) {
    this.#file = file;
    this.#limitBytes = limitBytes;
  }

  load(key: SectionKey): DigestRun[] {
    return this.#unlessDamaged(({read, use}) => {
      const row = read.get(idOf(key));
      const {content, used} = row ?? {};
      const today = Math.floor(Date.now() / dayMs);
      if (!(content instanceof Uint8Array)) {
        return [];
      }

      if (used !== today) {
        // Written at most once a day, to keep reading cheap.
        try {
          use.run(today, idOf(key));
        } catch (error) {
          // Another server may lock the database, or the disk may be full: the digests were read all the same.
          if (isDamaged(error)) {
            throw error;
          }
        }
      }

      return decodeSection(key, content);
    });
  }

  save(sections: readonly SectionToSave[]): void {
    this.#unlessDamaged(open => {
      const {db, read, write} = open;
      db.exec('BEGIN IMMEDIATE');
      try {
        const today = Math.floor(Date.now() / dayMs);
        for (const {key, runs} of sections) {
          const content = read.get(idOf(key))?.content;
          const others = content instanceof Uint8Array ? decodeSection(key, content) : [];
          write.run(idOf(key), today, encodeSection(key, joinRuns(key, [...runs, ...others])));
        }

        this.#removeOldest(open);
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) {
          db.exec('ROLLBACK');
        }

        throw error;
      }
    });
  }

  close(): void {
    this.#open?.db.close();
    this.#open = undefined;
  }

  #removeOldest({size, removeOldest}: OpenDatabase): void {
    for (let round = 0; round < mostRounds; round++) {
      if (Number(size.get()?.bytes) <= this.#limitBytes) {
        return;
      }

      removeOldest.run(removedAtOnce);
    }
  }

  /** Do `work` with the database; if it is damaged, remove it and do `work` with a new one. */
  #unlessDamaged<Result>(work: (open: OpenDatabase) => Result): Result {
    try {
      return work(this.#opened());
    } catch (error) {
      if (!isDamaged(error)) {
        throw error;
      }
    }

    this.#remove();
    return work(this.#opened());
  }

  #opened(): OpenDatabase {
    if (this.#open === undefined) {
      // Read the inode before opening: meanwhile another server may replace a damaged database.
      this.#inode = inodeOf(this.#file);
      this.#open = openWhenFree(this.#file);
      this.#inode ??= inodeOf(this.#file);
    }

    return this.#open;
  }

  /** Remove the damaged database, unless another server has already replaced it. */
  #remove(): void {
    this.close();
    if (this.#inode === undefined || this.#inode === inodeOf(this.#file)) {
      // Remove the database last: before that, no server can create a new one with a new log.
      for (const suffix of ['-wal', '-shm', '']) {
        rmSync(this.#file + suffix, {force: true});
      }
    }
  }
}

type OpenDatabase = {
  db: DatabaseSync;
  read: StatementSync;
  use: StatementSync;
  write: StatementSync;
  size: StatementSync;
  removeOldest: StatementSync;
};

/** Retry: SQLite reports "locked" at once if another server is creating the database or starting to use it. */
function openWhenFree(file: string): OpenDatabase {
  makeOwnFolder(dirname(file));
  const untilMs = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return open(file);
    } catch (error) {
      if (!isBusy(error) || performance.now() > untilMs) {
        throw error;
      }
    }

    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, againEveryMs);
  }
}

function open(file: string): OpenDatabase {
  const db = openSqlite(file);
  try {
    // Other users must not read it: it shows which content this user has.
    chmodSync(file, 0o600);
    db.exec(
      `PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`,
    );
    makeTables(db);
    return {
      db,
      read: db.prepare('SELECT used, content FROM sections WHERE id = ?'),
      use: db.prepare('UPDATE sections SET used = ? WHERE id = ?'),
      write: db.prepare(
        `INSERT INTO sections (id, used, content) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET used = excluded.used, content = excluded.content`,
      ),
      size: db.prepare(
        `SELECT (page_count - freelist_count) * page_size AS bytes
         FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
      ),
      removeOldest: db.prepare(
        'DELETE FROM sections WHERE id IN (SELECT id FROM sections ORDER BY used LIMIT ?)',
      ),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

function makeTables(db: DatabaseSync): void {
  const found = shapeOf(db);
  if (found === shape) {
    return;
  }

  if (found !== 0) {
    throw Object.assign(new Error('another version of jangada-server made it'), {errcode: 11});
  }

  db.exec(`
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS sections (id INTEGER PRIMARY KEY, used INTEGER NOT NULL, content BLOB NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS sections_by_use ON sections (used);
    PRAGMA user_version = ${shape};
    COMMIT`);
}

function shapeOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}

/** The number of a section in the table. Checksums distinguish two sections with the same number. */
function idOf(key: SectionKey): bigint {
  return BigInt.asIntN(64, BigInt(`0x${sectionName(key).slice(0, 16)}`));
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, {bigint: true, throwIfNoEntry: false})?.ino;
}
