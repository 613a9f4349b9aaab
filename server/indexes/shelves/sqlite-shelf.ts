/**
 * Digests in a database that all servers of this user on this machine share. It can always be made anew: one that is
 * damaged, or that another version of the program has made, is removed.
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

/** 1 GiB has the digests of 32 TiB, or of ten million files of one block. */
const defaultLimitBytes = 1_073_741_824;

/** How long another server may hold the database; a request waits for longer (`PatientShelf`). */
const busyTimeoutMs = 1000;
const againEveryMs = 10;

/** Sections that are removed at once, and how often in one call: others wait meanwhile. */
const removedAtOnce = 8;
const mostRounds = 64;

/** The shape of the tables. */
const shape = 1;

const dayMs = 86_400_000;

export class SqliteShelf implements BlockingShelf {
  readonly #file: string;
  readonly #limitBytes: number;
  #open: OpenDatabase | undefined;
  /** Of the database that is open, or could not be opened. */
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
        // Written once a day at most: reading has to stay cheap.
        try {
          use.run(today, idOf(key));
        } catch (error) {
          // Another server may hold the database, and the disk may be full: the digests are here all the same.
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

  /** `work` with the database, which is begun anew if it is damaged. */
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
      // Before it is opened: another server may remove it as damaged, and make a new one, meanwhile.
      this.#inode = inodeOf(this.#file);
      this.#open = openWhenFree(this.#file);
      this.#inode ??= inodeOf(this.#file);
    }

    return this.#open;
  }

  /** Remove the damaged database; another server may have done so, and have made a new one. */
  #remove(): void {
    this.close();
    if (this.#inode === undefined || this.#inode === inodeOf(this.#file)) {
      // The database comes last: nobody can have made another one, with a log of its own, before.
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

/** SQLite says at once that a database is locked which another server makes, or begins to use, at this moment. */
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
    // It tells which content somebody has.
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
    throw Object.assign(new Error('another version of the program has made it'), {errcode: 11});
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

/** The number of a section in the table. Two sections with one number are told apart by their checksums. */
function idOf(key: SectionKey): bigint {
  return BigInt.asIntN(64, BigInt(`0x${sectionName(key).slice(0, 16)}`));
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, {bigint: true, throwIfNoEntry: false})?.ino;
}
