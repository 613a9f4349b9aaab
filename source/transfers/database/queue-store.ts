/**
 * The queue on disk: a SQLite database that outlives every crash.
 *
 *     transfer ── a file to fetch, and how far it is; `seq` rises with every change of a row
 *     wish     ── words of users for the process that works on a queue (wishes.ts)
 *     worker   ── that process, for people
 *     counter  ── the last `seq`
 *     setting  ── limits that all processes obey (stored-limits.ts)
 *     place, small_files, process ── where processes save to, and which (locks/places.ts)
 *     partial  ── digests of partials, so that they need not be hashed again (partial-memory.ts)
 *     verdict  ── how local files compared, so that they need not be read again (verdict-memory.ts)
 *     undo_step ── steps of users that can be taken back (undo-memory.ts)
 *
 * Of each server's queue one process, the worker, changes rows: the one that has the lease, a lock
 * of the system. Every process may add rows, read them and write wishes; `changedSince` tells what
 * others have written. All of this only saves work: a partial is continued by its blocks, with or
 * without the database.
 */
import {createHash} from 'node:crypto';
import {hostname} from 'node:os';
import {dirname, join} from 'node:path';
import process from 'node:process';
import type {DatabaseSync} from 'node:sqlite';
import type {NewTransfer} from '../terms/new-transfer.ts';
import type {WishAnswer} from '../terms/wish.ts';
import {type Holder, Places} from './locks/places.ts';
import {inodeOf, SystemLock} from './locks/system-lock.ts';
import {Orders} from './orders.ts';
import {PartialMemory} from './partial-memory.ts';
import {addTransfers, type SavedTransfer, saveTransfer} from './saved-transfer.ts';
import {databaseError, openDatabase} from './sqlite/open-database.ts';
import {Statements} from './sqlite/statements.ts';
import {StoredLimits} from './stored-limits.ts';
import {StoredRows} from './stored-rows.ts';
import {UndoMemory} from './undo-memory.ts';
import {VerdictMemory} from './verdict-memory.ts';
import {Wishes} from './wishes.ts';

/** Settled transfers are kept so long, and at most so many; of those that failed, any number. */
const historyMs = 30 * 24 * 3_600_000;
const historyCount = 10_000;

/** Cleared transfers are kept so long: companions hear of them a moment later, however many they are. */
const clearedMs = 24 * 3_600_000;

/** Which transfers need not be kept; for the time now, `clearedMs`, the oldest time and `historyCount`. */
const outdated = `state = 'removed' AND abs(? - settled_ms) > ?
  OR state IN ('failed', 'done', 'canceled') AND settled_ms < ?
  OR state IN ('done', 'canceled') AND id NOT IN (SELECT id FROM transfer
    WHERE state IN ('done', 'canceled') ORDER BY settled_ms DESC LIMIT ?)`;

export class QueueStore extends StoredRows implements Disposable {
  /** A sentence for the user if the database was damaged and is begun anew. */
  readonly notice: string | undefined;
  readonly partials: PartialMemory;
  readonly verdicts: VerdictMemory;
  readonly undoSteps: UndoMemory;
  readonly limits: StoredLimits;
  readonly places: Places;
  readonly wishes: Wishes;
  readonly orders: Orders;
  readonly #file: string;
  readonly #inode: bigint | undefined;
  readonly #db: DatabaseSync;
  readonly #now: () => number;

  /**
   * Open the database at `file`, made if it does not exist. One that is damaged is put aside under
   * another name, and `notice` says so.
   *
   * @throws JangadaError `local_io` if the folder cannot be written, or a newer version wrote it.
   */
  constructor(file: string, options: {now?: () => number} = {}) {
    const {db, notice} = openDatabase(file);
    super(new Statements(db));
    this.#now = options.now ?? Date.now;
    this.#db = db;
    this.#file = file;
    this.#inode = inodeOf(file);
    this.places = new Places(this.statements, join(dirname(file), 'locks'));
    this.wishes = new Wishes(this.statements, this.#now);
    this.orders = new Orders(this.statements, this.wishes, this.#now);
    this.partials = new PartialMemory(this.statements, this.#now);
    this.verdicts = new VerdictMemory(this.statements, this.#now);
    this.undoSteps = new UndoMemory(this.statements, clearedMs, this.#now);
    this.limits = new StoredLimits(this.statements);
    this.notice = notice;
    try {
      this.#prune();
    } catch (error) {
      db.close();
      throw databaseError(error, file);
    }
  }

  /** Whether the file that was opened is still where it was: it may have been removed or put aside. */
  get isThere(): boolean {
    return inodeOf(this.#file) === this.#inode;
  }

  /** How long a call waits for another process that holds the database; it blocks meanwhile. */
  set patienceMs(ms: number) {
    if (this.#db.isOpen) {
      this.#db.exec(`PRAGMA busy_timeout = ${ms}`);
    }
  }

  /** Put transfers at the end of the queue of `server`. @returns ids and places, in the same order. */
  add(server: string, transfers: readonly NewTransfer[]): {id: number; position: number}[] {
    return addTransfers(this.statements, server, transfers, this.#now());
  }

  /** The same with any number of them, a slice at a time, in one transaction. @returns their ids. */
  addAll(server: string, slices: Iterable<readonly NewTransfer[]>): number[] {
    return this.statements.transaction(() => {
      const ids: number[] = [];
      for (const slice of slices) {
        ids.push(...this.add(server, slice).map(({id}) => id));
      }

      return ids;
    });
  }

  /**
   * The lease of the queue of `server`: the process that takes it is the worker. A process that has
   * taken it says so with `worksOn`.
   */
  lease(server: string): SystemLock {
    const name = createHash('sha256').update(server).digest('hex').slice(0, 32);
    return new SystemLock(join(dirname(this.#file), 'locks', `worker-${name}`));
  }

  /** Whether a process, this one or another, works on the queue of `server`. */
  isWorkedOn(server: string): boolean {
    using lease = this.lease(server);
    return !lease.take();
  }

  /** This process has the lease of `server`: the transfers that another one has left running wait. */
  worksOn(server: string): void {
    this.statements.change(seq => {
      this.statements.run(
        'INSERT OR REPLACE INTO worker VALUES (?, ?, ?)',
        server,
        hostname(),
        process.pid,
      );
      this.statements.run(
        "UPDATE transfer SET state = 'queued', detail = 'begun', seq = ? WHERE server = ? AND state = 'running'",
        seq,
        server,
      );
    });
  }

  /** The process that has worked on the queue of `server` last, or still does. */
  workerOf(server: string): Holder | undefined {
    const row = this.statements.get('SELECT host, pid FROM worker WHERE server = ?', server);
    return row === undefined ? undefined : {host: String(row.host), pid: Number(row.pid)};
  }

  /**
   * The worker writes transfers as they are, first brings back those that it had removed, removes others, and
   * answers wishes, in one transaction.
   */
  save({
    restored = [],
    transfers = [],
    removed = [],
    carriedOut = new Map(),
  }: {
    restored?: readonly number[];
    transfers?: readonly SavedTransfer[];
    removed?: readonly number[];
    carriedOut?: ReadonlyMap<number, WishAnswer>;
  }): void {
    this.statements.change(seq => {
      for (const id of restored) {
        // What it was before is written with the transfers.
        this.statements.run(
          "UPDATE transfer SET state = 'canceled' WHERE id = ? AND state = 'removed'",
          id,
        );
      }

      for (const transfer of transfers) {
        saveTransfer(this.statements, transfer, seq, this.#now());
      }

      for (const id of removed) {
        this.statements.run(
          "UPDATE transfer SET state = 'removed', settled_ms = ?, seq = ? WHERE id = ?",
          this.#now(),
          seq,
          id,
        );
      }

      for (const [id, answer] of carriedOut) {
        this.wishes.answer(id, answer);
      }
    });
  }

  [Symbol.dispose](): void {
    try {
      this.places[Symbol.dispose]();
    } catch {
      // The database is full or held by another process: that this process is gone, its lock tells.
    }

    this.statements.clear();
    this.#db.close();
  }

  #prune(): void {
    const nowMs = this.#now();
    const limits = [nowMs, clearedMs, nowMs - historyMs, historyCount];
    const servers = this.statements
      .all(`SELECT DISTINCT server FROM transfer WHERE ${outdated}`, ...limits)
      .map(({server}) => String(server))
      .filter(server => this.#isLeftAlone(server));
    this.statements.transaction(() => {
      this.statements.run(
        `DELETE FROM transfer WHERE (${outdated}) AND server IN (SELECT value FROM json_each(?))`,
        ...limits,
        JSON.stringify(servers),
      );
      this.partials.prune();
      this.verdicts.prune();
      this.undoSteps.prune();
      this.wishes.prune();
    });
    this.places.prune();
  }

  /**
   * Whether no process works on the queue of `server`. One that does shows its history, and its
   * companions hear of rows that are cleared by their records: neither may go meanwhile.
   */
  #isLeftAlone(server: string): boolean {
    try {
      return !this.isWorkedOn(server);
    } catch {
      // Where that cannot be found out, nothing is forgotten.
      return false;
    }
  }
}
