/**
 * The queue on disk: a SQLite database that outlives every crash.
 *
 *     transfer ── a file to fetch, and how far it is; `seq` rises with every change of a row
 *     wish     ── words of users for the process that works on a queue (wishes.ts)
 *     worker   ── that process, for people
 *     setting  ── limits that all processes obey (stored-limits.ts)
 *     place    ── places that processes save to (places.ts)
 *     partial  ── digests of partials, so that they need not be hashed again (partial-memory.ts)
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
import type {DatabaseSync, SQLInputValue} from 'node:sqlite';
import {nameToBytes} from '../../../protocol/remote-path.ts';
import type {DownloadProgress} from '../terms/download-event.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {type Priority, priorities, rankOf} from '../terms/priority.ts';
import {isSettled, type TransferState} from '../terms/transfer-state.ts';
import type {WishAnswer} from '../terms/wish.ts';
import {databaseError, openDatabase} from './open-database.ts';
import {Orders} from './orders.ts';
import {PartialMemory} from './partial-memory.ts';
import {type Holder, Places} from './places.ts';
import {Statements} from './statements.ts';
import {StoredLimits} from './stored-limits.ts';
import {type StoredState, stateColumns, storedStates} from './stored-state.ts';
import {type StoredTransfer, storedColumns, storedTransfer} from './stored-transfer.ts';
import {inodeOf, SystemLock} from './system-lock.ts';
import {Wishes} from './wishes.ts';

const ranks = JSON.stringify(priorities.map(rankOf));

/** By priority, then by place: the order in which transfers run. */
const inOrder = 'ORDER BY transfer.priority, transfer.position, transfer.id';

const settledStates = "('failed', 'done', 'canceled', 'removed')";

/** A transfer as its worker writes it. */
export type SavedTransfer = {
  id: number;
  state: TransferState;
  position: number;
  priority: Priority;
  size: number | undefined;
  version: string | undefined;
  name: string | undefined;
  bytesPerSecond: number;
} & DownloadProgress;

/** So many transfers are in the same state, as far as they are counted apart. */
export type CountedTransfers = {
  state: StoredState;
  waitsForRoom: boolean;
  count: number;
  /** The highest id among them. */
  lastId: number;
};

/** Settled transfers are kept so long, and at most so many; of those that failed, any number. */
const historyMs = 30 * 24 * 3_600_000;
const historyCount = 10_000;

export class QueueStore implements Disposable {
  /** What had to be done to open it, for the user; undefined: nothing. */
  readonly notice: string | undefined;
  readonly partials: PartialMemory;
  readonly limits: StoredLimits;
  readonly places: Places;
  readonly wishes: Wishes;
  readonly orders: Orders;
  readonly #file: string;
  readonly #inode: bigint | undefined;
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  readonly #statements: Statements;

  /**
   * Open the database at `file`, made if it does not exist. One that is damaged is put aside under
   * another name, and `notice` says so.
   *
   * @throws JangadaError `local_io` if the folder cannot be written, or a newer version wrote it.
   */
  constructor(file: string, options: {now?: () => number} = {}) {
    this.#now = options.now ?? Date.now;
    const {db, notice} = openDatabase(file);
    this.#db = db;
    this.#file = file;
    this.#inode = inodeOf(file);
    this.#statements = new Statements(db);
    this.places = new Places(this.#statements, join(dirname(file), 'locks'));
    this.wishes = new Wishes(this.#statements, this.#now);
    this.orders = new Orders(this.#statements, this.wishes, this.#now);
    this.partials = new PartialMemory(db, this.#now);
    this.limits = new StoredLimits(db);
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
    return this.#statements.change(seq => {
      let position = Number(
        // One look into the index for each priority, rather than at all rows.
        this.#statements.get(
          `SELECT coalesce(max(last), 0) AS last FROM (SELECT (SELECT max(position) FROM transfer
            WHERE server = ? AND priority = value) AS last FROM json_each(?))`,
          server,
          ranks,
        )?.last,
      );
      return transfers.map(({remotePath, folder, localPath, onConflict, size, priority}) => {
        position++;
        const {lastInsertRowid} = this.#statements.run(
          `INSERT INTO transfer (server, remote_path, folder, local_path, on_conflict, size, position,
            priority, state, added_ms, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)`,
          server,
          nameToBytes(remotePath),
          folder,
          nameToBytes(localPath),
          onConflict,
          size ?? null,
          position,
          rankOf(priority ?? 'normal'),
          this.#now(),
          seq,
        );
        return {id: Number(lastInsertRowid), position};
      });
    });
  }

  /** Servers that have transfers which are not settled, as `host:port`; with `settled`, any. */
  servers(options: {settled?: boolean} = {}): string[] {
    const left = options.settled === true ? "('removed')" : settledStates;
    const rows = this.#statements.all(
      `SELECT DISTINCT server FROM transfer WHERE state NOT IN ${left} ORDER BY server`,
    );
    return rows.map(row => String(row.server));
  }

  /** Whether something of `server` is to be fetched, or waits for room on the disk. */
  hasWork(server: string): boolean {
    const row = this.#statements.get(
      `SELECT 1 FROM transfer WHERE server = ?
        AND (state IN ('queued', 'running') OR state = 'paused' AND code = 'no_space') LIMIT 1`,
      server,
    );
    return row !== undefined;
  }

  /** Ids of the transfers in one of `states`, in queue order; of all servers unless one is named. */
  idsIn(states: readonly StoredState[], server?: string): number[] {
    const rows = this.#statements.all(
      `SELECT id FROM transfer WHERE state IN (SELECT value FROM json_each(?))
        AND server = coalesce(?, server) ORDER BY server, priority, position, id`,
      JSON.stringify(states),
      server ?? null,
    );
    return rows.map(row => Number(row.id));
  }

  /**
   * Transfers of `server` in queue order, behind `last` if there is one, at most `limit`; those that
   * cannot be read are left out.
   */
  load(server: string, last?: StoredTransfer, limit = -1): StoredTransfer[] {
    let behind: SQLInputValue[] = [
      last === undefined ? -1 : rankOf(last.priority),
      last?.position ?? 0,
      last?.id ?? 0,
    ];
    for (;;) {
      const rows = this.#statements.all(
        `SELECT ${storedColumns} FROM transfer WHERE server = ? AND state <> 'removed'
          AND (priority, position, id) > (?, ?, ?) ${inOrder} LIMIT ?`,
        server,
        ...behind,
        limit,
      );
      const read = this.#checked(rows);
      const end = rows.at(-1);
      if (read.length > 0 || end === undefined) {
        return read;
      }

      // None of them can be read, which is not to say that none follows.
      behind = [Number(end.priority), Number(end.position), Number(end.id)];
    }
  }

  /** How many transfers of `server` there are in which state. */
  count(server: string): CountedTransfers[] {
    const rows = this.#statements.all(
      // One look at all rows in their order on disk takes half of the time that an index does.
      `SELECT state, state = 'paused' AND code IS 'no_space' AS waits, count(*) AS count,
        max(id) AS last_id FROM transfer WHERE +server = ? AND state <> 'removed' GROUP BY 1, 2`,
      server,
    );
    return rows.flatMap(({state, waits, count, last_id}) => {
      const known = storedStates.find(one => one === state);
      return known === undefined
        ? []
        : {
            state: known,
            waitsForRoom: waits === 1,
            count: Number(count),
            lastId: Number(last_id),
          };
    });
  }

  /** Transfers of `server` that changed after `seq`, cleared ones too. */
  changedSince(server: string, seq: number): StoredTransfer[] {
    return this.#read(
      `SELECT ${storedColumns} FROM transfer WHERE seq > ? AND server = ? ${inOrder}`,
      seq,
      server,
    );
  }

  /** The transfers with these ids that there still are; only those of `server` if it is named. */
  read(ids: readonly number[], server?: string): StoredTransfer[] {
    return ids.flatMap(id =>
      this.#read(
        `SELECT ${storedColumns} FROM transfer
          WHERE id = ? AND state <> 'removed' AND server = coalesce(?, server)`,
        id,
        server ?? null,
      ),
    );
  }

  /** The servers of these transfers, each with the ids of its own; cleared ones are left out. */
  byServer(ids: readonly number[]): Map<string, number[]> {
    const rows = this.#statements.all(
      `SELECT server, id FROM transfer WHERE state <> 'removed'
        AND id IN (SELECT value FROM json_each(?)) ORDER BY server`,
      JSON.stringify(ids),
    );
    const servers = new Map<string, number[]>();
    for (const {server, id} of rows) {
      const name = String(server);
      servers.set(name, [...(servers.get(name) ?? []), Number(id)]);
    }

    return servers;
  }

  /** The number of the last change. */
  get seq(): number {
    return this.#statements.seq;
  }

  /** Differs from before if another connection has written meanwhile. */
  get dataVersion(): number {
    return Number(this.#statements.get('PRAGMA data_version')?.data_version);
  }

  /**
   * The lease of the queue of `server`: the process that takes it is the worker. A process that has
   * taken it says so with `worksOn`.
   */
  lease(server: string): SystemLock {
    const name = createHash('sha256').update(server).digest('hex').slice(0, 32);
    return new SystemLock(join(dirname(this.#file), 'locks', `worker-${name}`));
  }

  /** This process has the lease of `server`: the transfers that another one has left running wait. */
  worksOn(server: string): void {
    this.#statements.change(seq => {
      this.#statements.run(
        'INSERT OR REPLACE INTO worker VALUES (?, ?, ?)',
        server,
        hostname(),
        process.pid,
      );
      this.#statements.run(
        "UPDATE transfer SET state = 'queued', detail = 'begun', seq = ? WHERE server = ? AND state = 'running'",
        seq,
        server,
      );
    });
  }

  /** The process that has worked on the queue of `server` last, or still does. */
  workerOf(server: string): Holder | undefined {
    const row = this.#statements.get('SELECT host, pid FROM worker WHERE server = ?', server);
    return row === undefined ? undefined : {host: String(row.host), pid: Number(row.pid)};
  }

  /**
   * The worker writes transfers as they are, removes others, and says which wishes that has carried
   * out, in one transaction. A wish without an answer is forgotten.
   */
  save({
    transfers = [],
    removed = [],
    carriedOut = new Map(),
  }: {
    transfers?: readonly SavedTransfer[];
    removed?: readonly number[];
    carriedOut?: ReadonlyMap<number, WishAnswer | undefined>;
  }): void {
    this.#statements.change(seq => {
      for (const transfer of transfers) {
        this.#update(transfer, seq);
      }

      for (const id of removed) {
        this.#statements.run(
          "UPDATE transfer SET state = 'removed', settled_ms = ?, seq = ? WHERE id = ?",
          this.#now(),
          seq,
          id,
        );
      }

      for (const [id, answer] of carriedOut) {
        if (answer === undefined) {
          this.wishes.forget(id);
        } else {
          this.wishes.answer(id, answer);
        }
      }
    });
  }

  [Symbol.dispose](): void {
    try {
      this.places[Symbol.dispose]();
    } catch {
      // The database is full or held by another process: that this process is gone, its lock tells.
    }

    this.#statements.clear();
    this.#db.close();
  }

  #update(transfer: SavedTransfer, seq: number): void {
    const {state, outcome, code, reason, detail} = stateColumns(transfer.state);
    this.#statements.run(
      `UPDATE transfer SET state = ?, outcome = ?, code = ?, reason = ?, detail = ?, position = ?,
        priority = ?, size = ?, version = ?, name = ?, received_bytes = ?, verified_bytes = ?,
        reused_bytes = ?, copied_bytes = ?, bytes_per_second = ?, settled_ms = ?, seq = ?
        WHERE id = ? AND state <> 'removed'`,
      state,
      outcome,
      code,
      reason,
      detail,
      transfer.position,
      rankOf(transfer.priority),
      transfer.size ?? null,
      transfer.version ?? null,
      transfer.name ?? null,
      transfer.receivedBytes,
      transfer.verifiedBytes,
      transfer.reusedBytes,
      transfer.copiedBytes,
      Math.round(transfer.bytesPerSecond),
      isSettled(transfer.state) ? this.#now() : null,
      seq,
      transfer.id,
    );
  }

  #prune(): void {
    const before = this.#now() - historyMs;
    this.#statements.change(() => {
      this.#statements.run(
        `DELETE FROM transfer WHERE state IN ${settledStates} AND (settled_ms < ? OR state <> 'failed' AND
          id NOT IN (SELECT id FROM transfer WHERE state IN ${settledStates} AND state <> 'failed'
            ORDER BY settled_ms DESC LIMIT ?))`,
        before,
        historyCount,
      );
      this.partials.prune();
      this.wishes.prune();
    });
    this.places.prune();
  }

  #read(sql: string, ...values: SQLInputValue[]): StoredTransfer[] {
    return this.#checked(this.#statements.all(sql, ...values));
  }

  /** `rows` as transfers, without those that cannot be read. */
  #checked(rows: ReadonlyArray<Record<string, unknown>>): StoredTransfer[] {
    return rows.flatMap(row => storedTransfer(row, this.#readPaths) ?? []);
  }

  readonly #readPaths = (id: number): Record<string, unknown> | undefined =>
    this.#statements.get('SELECT remote_path, local_path FROM transfer WHERE id = ?', id);
}
