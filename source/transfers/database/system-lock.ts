/**
 * A lock that the operating system holds for this process until it ends, however it ends: a process
 * that is stopped keeps it, a process that is killed has let go of it. No clock and no process id has
 * a say in it.
 *
 * It is a SQLite file of its own with an open `BEGIN EXCLUSIVE`. Such a lock belongs to the process:
 * if anything but SQLite opened the file here and closed it again, the system would drop the lock.
 */
import {existsSync, mkdirSync, unlinkSync} from 'node:fs';
import {dirname} from 'node:path';
import type {DatabaseSync} from 'node:sqlite';
import {isBusy, sqlite} from './sqlite.ts';

export class SystemLock implements Disposable {
  readonly #file: string;
  #db: DatabaseSync | undefined;
  #held = false;

  /** @param file made when it is missing; its folder, too. */
  constructor(file: string) {
    this.#file = file;
  }

  get held(): boolean {
    return this.#held;
  }

  /**
   * Take the lock if no other process, and nothing else in this one, has it. Some microseconds.
   *
   * @returns whether this has it now.
   * @throws the system's error where the file cannot be made or locked.
   */
  take(): boolean {
    if (!this.#held) {
      this.#db ??= open(this.#file);
      try {
        this.#db.exec('BEGIN EXCLUSIVE');
        this.#held = true;
      } catch (error) {
        if (!isBusy(error)) {
          throw error;
        }
      }
    }

    return this.#held;
  }

  /** Let go of the lock and remove its file, which must never be used again. */
  remove(): void {
    if (this.#held && existsSync(this.#file)) {
      unlinkSync(this.#file);
    }

    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#held = false;
    this.#db?.close();
    this.#db = undefined;
  }
}

function open(file: string): DatabaseSync {
  mkdirSync(dirname(file), {recursive: true});
  return new (sqlite().DatabaseSync)(file);
}
