/**
 * The queue on disk: a SQLite database that survives every crash.
 *
 *     transfer ── a file to fetch, and its progress; `seq` rises with every change of a row
 *     wish     ── wishes of users for the process that works on a queue (wishes.ts)
 *     worker   ── that process, to be shown to users
 *     counter  ── the last `seq`
 *     setting  ── limits that all processes obey (stored-limits.ts)
 *     place, small_files, process ── where processes save to, and their names (locks/places.ts)
 *     partial  ── digests of partials, so that they need not be hashed again (partial-memory.ts)
 *     verdict  ── results of comparing local files, so that they need not be read again (verdict-memory.ts)
 *     undo_step ── steps of users that can be undone (undo-memory.ts)
 *
 * In each server's queue only one process, the worker, changes rows: the process that holds the lease, a system lock.
 * Every process may add rows, read them and write wishes; `changedSince` returns what others have written. All of this
 * only saves work: a partial is resumed by its blocks, with or without the database.
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

/** Limits for kept transfers: age, and number. Failed transfers are kept in any number. */
const historyMs = 30 * 24 * 3_600_000;
const historyCount = 10_000;

/** How long cleared transfers are kept. Companions notice them a moment later, however many there are. */
const clearedMs = 24 * 3_600_000;

/** Matches transfers that need not be kept. Its values: the time now, `clearedMs`, the oldest time, `historyCount`. */
const outdated = `state = 'removed' AND abs(? - settled_ms) > ?
  OR state IN ('failed', 'done', 'canceled') AND settled_ms < ?
  OR state IN ('done', 'canceled') AND id NOT IN (SELECT id FROM transfer
    WHERE state IN ('done', 'canceled') ORDER BY settled_ms DESC LIMIT ?)`;

export class QueueStore extends StoredRows implements Disposable {
  /** A sentence for the user if the database was damaged and a new one was begun. */
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
   * Open the database at `file`, or create it. A damaged one is put aside under another name, and `notice` says so.
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

  /** Whether the open file is still at its path: it may have been removed or put aside. */
  get isThere(): boolean {
    return inodeOf(this.#file) === this.#inode;
  }

  /** How long a call waits for another process that has locked the database. The call blocks this thread. */
  set patienceMs(ms: number) {
    if (this.#db.isOpen) {
      this.#db.exec(`PRAGMA busy_timeout = ${ms}`);
    }
  }

  /** Put transfers at the end of the queue of `server`. @returns ids and positions, in the same order. */
  add(server: string, transfers: readonly NewTransfer[]): {id: number; position: number}[] {
    return addTransfers(this.statements, server, transfers, this.#now());
  }

  /** The same for any number of transfers, in slices, in one transaction. @returns their ids. */
  addAll(server: string, slices: Iterable<readonly NewTransfer[]>): number[] {
    return this.statements.transaction(() => {
      const ids: number[] = [];
      for (const slice of slices) {
        ids.push(...this.add(server, slice).map(({id}) => id));
      }

      return ids;
    });
  }

  /** The lease of the queue of `server`. The process that takes it is the worker, and must then call `worksOn`. */
  lease(server: string): SystemLock {
    const name = createHash('sha256').update(server).digest('hex').slice(0, 32);
    return new SystemLock(join(dirname(this.#file), 'locks', `worker-${name}`));
  }

  /** Whether this process or another one works on the queue of `server`. */
  isWorkedOn(server: string): boolean {
    using lease = this.lease(server);
    return !lease.take();
  }

  /** This process has the lease of `server`: transfers that the previous worker left running are queued again. */
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

  /** The process that works on the queue of `server`, or was the last to do so. */
  workerOf(server: string): Holder | undefined {
    const row = this.statements.get('SELECT host, pid FROM worker WHERE server = ?', server);
    return row === undefined ? undefined : {host: String(row.host), pid: Number(row.pid)};
  }

  /**
   * Save the worker's changes in one transaction: bring back the transfers in `restored`, write `transfers`, remove
   * those in `removed`, and answer wishes.
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
        // Its real state is written with `transfers`.
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
      // The database is full or locked by another process. The released system lock still shows that this process is
      // gone.
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
   * Whether no process works on the queue of `server`. A worker shows its history, and its companions learn from the
   * records of cleared rows that rows were cleared: neither may be deleted meanwhile.
   */
  #isLeftAlone(server: string): boolean {
    try {
      return !this.isWorkedOn(server);
    } catch {
      // If that cannot be determined, nothing is deleted.
      return false;
    }
  }
}
