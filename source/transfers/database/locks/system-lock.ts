/**
 * A lock that the operating system holds for this process until the process ends, in whatever way. A stopped process
 * keeps it; a killed process loses it. It depends on no clock and no process id.
 *
 * It is a SQLite file of its own with an open `BEGIN EXCLUSIVE`. Such a lock belongs to the process: if any other code
 * than SQLite opened and closed the file in this process, the system would drop the lock.
 *
 * The holder may remove the file. A process that opened the file before that, and then locks it, would lock a file that
 * no other process finds. So a lock counts only if its file is still the one at its path.
 */
import {rmSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import type {DatabaseSync} from 'node:sqlite';
import {openSqlite} from '../../../../protocol/program/open-sqlite.ts';
import {lockFileOf} from '../../../../protocol/program/sqlite.ts';
import {makePath} from '../../system/make-path.ts';

/** Locks that this process holds. Without this reference, the garbage collector would close their files. */
const held = new Set<SystemLock>();

export class SystemLock implements Disposable {
  readonly #file: string;
  #opened: Opened | undefined;

  /** @param file created if it is missing, with its folder. */
  constructor(file: string) {
    this.#file = file;
  }

  get held(): boolean {
    return held.has(this);
  }

  /**
   * Take the lock if no other process, and no other part of this one, holds it. Takes some microseconds.
   *
   * @returns whether this object holds the lock now.
   * @throws the system's error if the file cannot be created or locked; JangadaError `unsafe_target` if it is a
   * symbolic link, or if its folder cannot be created.
   */
  take(): boolean {
    while (!this.held) {
      this.#opened ??= open(this.#file);
      const {db, inode} = this.#opened;
      const isAtItsPath = () => inodeOf(this.#file) === inode;
      let hasBegun: boolean;
      try {
        hasBegun = lockFileOf(db);
      } catch (error) {
        if (isAtItsPath()) {
          throw error;
        }

        // SQLite cannot lock a file that was removed: open the new one.
        this[Symbol.dispose]();
        continue;
      }

      if (!hasBegun) {
        return false;
      }

      if (isAtItsPath()) {
        held.add(this);
      } else {
        this[Symbol.dispose]();
      }
    }

    return true;
  }

  /** Release the lock, and remove its file. */
  remove(): void {
    if (this.held) {
      rmSync(this.#file, {force: true});
    }

    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    held.delete(this);
    this.#opened?.db.close();
    this.#opened = undefined;
  }
}

/** An open file, and its inode number. */
type Opened = {db: DatabaseSync; inode: bigint};

function open(file: string): Opened {
  makePath(dirname(file));
  for (;;) {
    const before = identityOf(file);
    const db = openSqlite(file);
    const after = identityOf(file);
    // A file that is created or replaced at this moment must be opened again.
    if (before !== undefined && after !== undefined && isSame(before, after)) {
      return {db, inode: before.ino};
    }

    db.close();
  }
}

/** The inode number of a file; undefined if there is no file. */
export function inodeOf(file: string): bigint | undefined {
  return identityOf(file)?.ino;
}

function identityOf(file: string): Identity | undefined {
  return statSync(file, {bigint: true, throwIfNoEntry: false});
}

type Identity = {readonly ino: bigint; readonly birthtimeNs: bigint; readonly mtimeNs: bigint};

/**
 * A new file may get the inode number of a removed one at once, so a third file could have been opened between two with
 * the same number. Their times tell them apart. Not every disk stores the time of creation; every disk stores the time
 * of modification, which is set at creation too.
 */
function isSame(one: Identity, other: Identity): boolean {
  return (
    one.ino === other.ino && one.birthtimeNs === other.birthtimeNs && one.mtimeNs === other.mtimeNs
  );
}
