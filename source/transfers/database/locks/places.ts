/**
 * Places (absolute paths of final names) that processes save to. They make sure that two processes never write to the
 * same partial. A row names the process that holds the place, and counts as long as that process lives: each process
 * holds a system lock on a file of its own.
 *
 * Small files need no place: the creation of the partial with `wx`, and a `link` that does not overwrite, are their
 * lock. A process that fetches small files writes one row for the whole target folder, so that no other process resumes
 * from a small partial that is about to get its final name.
 */
import {randomUUID} from 'node:crypto';
import {readdirSync} from 'node:fs';
import {hostname} from 'node:os';
import {dirname, join} from 'node:path';
import process from 'node:process';
import type {Statements} from '../sqlite/statements.ts';
import {SystemLock} from './system-lock.ts';

/** A process, as it is shown to the user. */
export type Holder = {host: string; pid: number};

const prefix = 'process-';
const isName = /^[\da-f-]{36}$/;

export class Places implements Disposable {
  readonly #statements: Statements;
  readonly #folder: string;
  #name = '';
  #lock: SystemLock | undefined;

  /** @param folder where processes keep their lock files. */
  constructor(statements: Statements, folder: string) {
    this.#statements = statements;
    this.#folder = folder;
  }

  /**
   * Hold `targets` for this process alone, and release `released`, in one transaction.
   *
   * @returns those of `targets` that other processes hold, each with its process. This process holds the others.
   * @throws the error of SQLite if another process has locked the database, or its disk is full.
   */
  hold(targets: readonly string[], released: readonly string[] = []): Map<string, Holder> {
    const own = this.#own();
    const all = JSON.stringify(targets);
    const take = () => {
      this.#statements.run(
        'INSERT INTO place SELECT value, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING',
        own,
        all,
      );
      return this.#others(targets);
    };
    return this.#statements.transaction(() => {
      this.#release(released);
      const others = take();
      this.#forgetDead(others.map(({process}) => process));
      return this.#holders(others.length === 0 ? [] : take());
    });
  }

  /**
   * Those of `targets` that other processes hold, each with its process. Writes nothing: for a process that cannot
   * write, because its disk is full or it cannot make locks.
   */
  holders(targets: readonly string[]): Map<string, Holder> {
    return this.#holders(this.#others(targets).filter(({process}) => !this.#isDead(process)));
  }

  /** Release places. */
  release(targets: readonly string[]): void {
    this.#statements.transaction(() => this.#release(targets));
  }

  /** Record that this process fetches small files into `folder` and folders below it, or that it no longer does. */
  fetchSmallFiles(folder: string, isAtWork: boolean): void {
    const sql = isAtWork
      ? 'INSERT INTO small_files VALUES (?, ?) ON CONFLICT DO NOTHING'
      : 'DELETE FROM small_files WHERE folder = ? AND process = ?';
    const own = this.#own();
    this.#statements.transaction(() => {
      this.#statements.run(sql, folder, own);
    });
  }

  /** Another process that fetches small files into a folder above `target`. */
  smallFilesHolder(target: string): Holder | undefined {
    const folders: string[] = [];
    for (let folder = dirname(target); !folders.includes(folder); folder = dirname(folder)) {
      folders.push(folder);
    }

    const rows = this.#statements.all(
      'SELECT DISTINCT process FROM small_files WHERE process <> ? AND folder IN (SELECT value FROM json_each(?))',
      this.#name,
      JSON.stringify(folders),
    );
    const alive = rows.map(row => String(row.process)).find(name => !this.#isDead(name));
    return alive === undefined ? undefined : this.#holder(alive);
  }

  /** Forget the places and locks of processes that have ended without releasing them. */
  prune(): void {
    const files = filesIn(this.#folder).filter(file => file.startsWith(prefix));
    this.#statements.transaction(() => {
      const rows = this.#statements.all(
        'SELECT name FROM process UNION SELECT process FROM place UNION SELECT process FROM small_files',
      );
      this.#forgetDead([
        ...new Set([
          ...files.map(file => file.slice(prefix.length)),
          ...rows.map(row => String(row.name)),
        ]),
      ]);
    });
  }

  [Symbol.dispose](): void {
    if (this.#lock !== undefined) {
      try {
        this.#statements.transaction(() => this.#forget(this.#name));
      } finally {
        this.#lock.remove();
        this.#lock = undefined;
        this.#name = '';
      }
    }
  }

  /** Those of `targets` that other processes hold, and the names of these processes. */
  #others(targets: readonly string[]): {target: string; process: string}[] {
    return this.#statements
      .all(
        'SELECT target, process FROM place WHERE process <> ? AND target IN (SELECT value FROM json_each(?))',
        this.#name,
        JSON.stringify(targets),
      )
      .map(({target, process}) => ({target: String(target), process: String(process)}));
  }

  #holders(others: readonly {target: string; process: string}[]): Map<string, Holder> {
    return new Map(others.map(({target, process}) => [target, this.#holder(process)]));
  }

  #release(targets: readonly string[]): void {
    if (targets.length > 0) {
      this.#statements.run(
        'DELETE FROM place WHERE process = ? AND target IN (SELECT value FROM json_each(?))',
        this.#name,
        JSON.stringify(targets),
      );
    }
  }

  /** The name of this process. Takes its lock first, if need be. */
  #own(): string {
    while (this.#lock === undefined) {
      const name = randomUUID();
      const lock = this.#lockOf(name);
      // A process that prunes may hold the lock for a moment.
      if (lock.take()) {
        this.#lock = this.#known(name, lock);
        this.#name = name;
      } else {
        lock[Symbol.dispose]();
      }
    }

    return this.#name;
  }

  /** Register this process, which holds `lock`, in the database. */
  #known(name: string, lock: SystemLock): SystemLock {
    try {
      this.#statements.run('INSERT INTO process VALUES (?, ?, ?)', name, hostname(), process.pid);
      return lock;
    } catch (error) {
      lock.remove();
      throw error;
    }
  }

  /** Forget those of the named processes that have ended. */
  #forgetDead(names: readonly string[]): void {
    for (const name of names.filter(one => this.#isDead(one))) {
      this.#forget(name);
    }
  }

  /** Whether the process called `name` has ended. If so, its lock file is removed. */
  #isDead(name: string): boolean {
    if (!isName.test(name)) {
      return true;
    }

    if (name === this.#name) {
      return false;
    }

    using lock = this.#lockOf(name);
    try {
      const isDead = lock.take();
      lock.remove();
      return isDead;
    } catch {
      // If that cannot be determined, the process counts as alive: two processes that write to one partial would damage
      // it.
      return false;
    }
  }

  #holder(name: string): Holder {
    const row = this.#statements.get('SELECT host, pid FROM process WHERE name = ?', name);
    return {host: String(row?.host ?? hostname()), pid: Number(row?.pid ?? 0)};
  }

  #forget(name: string): void {
    this.#statements.run('DELETE FROM place WHERE process = ?', name);
    this.#statements.run('DELETE FROM small_files WHERE process = ?', name);
    this.#statements.run('DELETE FROM process WHERE name = ?', name);
  }

  #lockOf(name: string): SystemLock {
    return new SystemLock(join(this.#folder, prefix + name));
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The folder does not exist: no process has ever taken a lock.
    return [];
  }
}
