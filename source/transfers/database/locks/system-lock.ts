/**
 * A lock that the operating system holds for this process until it ends, however it ends: a process
 * that is stopped keeps it, a process that is killed has let go of it. No clock and no process id has
 * a say in it.
 *
 * It is a SQLite file of its own with an open `BEGIN EXCLUSIVE`. Such a lock belongs to the process:
 * if anything but SQLite opened the file here and closed it again, the system would drop the lock.
 *
 * The holder may remove the file. A process that has opened it before and locks it then would lock a
 * file that nobody else finds: a lock counts only if its file is still the one at its path.
 */
import {rmSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import type {DatabaseSync} from 'node:sqlite';
import {openSqlite} from '../../../../protocol/program/open-sqlite.ts';
import {isBusy} from '../../../../protocol/program/sqlite.ts';
import {makePath} from '../../system/make-path.ts';

/** Locks of this process: the garbage collector would close a file that nothing refers to. */
const held = new Set<SystemLock>();

export class SystemLock implements Disposable {
  readonly #file: string;
  #opened: Opened | undefined;

  /** @param file made when it is missing; its folder, too. */
  constructor(file: string) {
    this.#file = file;
  }

  get held(): boolean {
    return held.has(this);
  }

  /**
   * Take the lock if no other process, and nothing else in this one, has it. Some microseconds.
   *
   * @returns whether this has it now.
   * @throws the system's error where the file cannot be made or locked; JangadaError `unsafe_target`
   * where it is a symbolic link, and where its folder cannot be made.
   */
  take(): boolean {
    while (!this.held) {
      this.#opened ??= open(this.#file);
      const {db, inode} = this.#opened;
      const isAtItsPath = () => inodeOf(this.#file) === inode;
      let hasBegun: boolean;
      try {
        hasBegun = begin(db);
      } catch (error) {
        if (isAtItsPath()) {
          throw error;
        }

        // SQLite cannot lock a file that was removed: it is opened anew.
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

  /** Let go of the lock, and remove its file. */
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

/** An open file, and its number on the disk. */
type Opened = {db: DatabaseSync; inode: bigint};

function open(file: string): Opened {
  makePath(dirname(file));
  for (;;) {
    const before = identityOf(file);
    const db = openSqlite(file);
    const after = identityOf(file);
    // One that is made, or replaced, at this moment is opened again.
    if (before !== undefined && after !== undefined && isSame(before, after)) {
      return {db, inode: before.ino};
    }

    db.close();
  }
}

/** @returns whether the lock is here now. */
function begin(db: DatabaseSync): boolean {
  try {
    // Nothing is ever written: a journal would only be one more file to remove after a crash.
    // SQLite opens a file that this user may only read, too, and locks it for nobody: a number that
    // is set, though never stored, fails there.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; PRAGMA user_version = 1');
    return true;
  } catch (error) {
    if (isBusy(error)) {
      return false;
    }

    throw error;
  }
}

/** The number of a file on its disk, as long as it is there or open. */
export function inodeOf(file: string): bigint | undefined {
  return identityOf(file)?.ino;
}

function identityOf(file: string): Identity | undefined {
  return statSync(file, {bigint: true, throwIfNoEntry: false});
}

type Identity = {readonly ino: bigint; readonly birthtimeNs: bigint; readonly mtimeNs: bigint};

/**
 * The number of a file that is gone may be that of the next one at once: another file could be opened between two that
 * have the same. Their times tell them apart. Not all disks know when a file was made; that it was written to last then,
 * all know.
 */
function isSame(one: Identity, other: Identity): boolean {
  return (
    one.ino === other.ino && one.birthtimeNs === other.birthtimeNs && one.mtimeNs === other.mtimeNs
  );
}
