/**
 * The queue on disk: a SQLite database that outlives every crash and that several clients share.
 *
 *     transfer ── what to fetch, where to, how far it is; `seq` rises with every change of a row
 *     owner    ── the clients that are alive, by their heartbeat (stored-owners.ts)
 *     lock     ── places that they are saving to (stored-locks.ts)
 *     setting  ── limits that all of them obey (stored-limits.ts)
 *     partial  ── what is known of partials without hashing them (partial-memory.ts)
 *
 * A client that works on a transfer has claimed it: `owner` names that client, and counts while
 * its heartbeat is fresh. What other clients write is found by `changedSince`. All of this only
 * saves work: a partial is continued by its blocks, with or without the database.
 */
import {statSync} from 'node:fs';
import type {DatabaseSync, SQLInputValue} from 'node:sqlite';
import {nameToBytes} from '../../../protocol/remote-path.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {type Priority, priorities, rankOf} from '../terms/priority.ts';
import {movePlace, type Placed} from './move-place.ts';
import {PartialMemory} from './partial-memory.ts';
import {databaseError, openDatabase} from './queue-database.ts';
import {QueueStatements} from './queue-statements.ts';
import {StoredLimits} from './stored-limits.ts';
import {StoredLocks} from './stored-locks.ts';
import {type Owner, StoredOwners} from './stored-owners.ts';
import {
  type StoredState,
  type StoredTransfer,
  storedColumns,
  storedStates,
  storedTransfer,
} from './stored-transfer.ts';

const ranks = JSON.stringify(priorities.map(rankOf));

/** By priority, then by place: the order in which transfers run. */
const inOrder = 'ORDER BY priority, position, id';

const settledStates = "('failed', 'done', 'canceled', 'removed')";

/** What of a transfer changes while it is worked on. */
export type Change = {
  id: number;
  state: StoredState;
  outcome?: 'verified' | 'skipped' | undefined;
  code?: string | undefined;
  reason?: string | undefined;
  size?: number | undefined;
  version?: string | undefined;
  verifiedBytes: number;
  reusedBytes: number;
  /** Whether it is written only if this client has claimed the transfer; else whoever has. */
  mine: boolean;
};

/** So many transfers have this in common. */
export type CountedTransfers = Pick<
  StoredTransfer,
  'state' | 'outcome' | 'code' | 'reason' | 'owner'
> & {
  count: number;
  /** The highest id among them. */
  lastId: number;
};

/** Somebody who saves to a place that was asked for. */
export type Holder = Owner;

/** Settled transfers are kept so long, and at most so many; of those that failed, any number. */
const historyMs = 30 * 24 * 3_600_000;
const historyCount = 10_000;

export class QueueStore implements Disposable {
  /** What had to be done to open it, for the user; undefined: nothing. */
  readonly notice: string | undefined;
  readonly partials: PartialMemory;
  readonly limits: StoredLimits;
  readonly #file: string;
  readonly #inode: bigint | undefined;
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  readonly #statements: QueueStatements;
  readonly #owners: StoredOwners;
  readonly #locks: StoredLocks;

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
    this.#statements = new QueueStatements(db);
    this.#owners = new StoredOwners(this.#statements, this.#now);
    this.#locks = new StoredLocks(this.#statements, this.#owners);
    this.partials = new PartialMemory(db, this.#now);
    this.limits = new StoredLimits(db);
    this.notice = notice;
    try {
      this.#owners.start();
      this.#prune();
    } catch (error) {
      this.#owners.stop();
      db.close();
      throw databaseError(error, file);
    }
  }

  /** Whether the file that was opened is still where it was: it may have been removed or put aside. */
  get isThere(): boolean {
    return inodeOf(this.#file) === this.#inode;
  }

  /** How long a call waits for another client that holds the database; it blocks meanwhile. */
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

  /** Whether something of `server` waits for a client, or for room; or who had it is gone. */
  hasWork(server: string): boolean {
    const owners = this.#statements.all(
      `SELECT DISTINCT state, owner FROM transfer
        WHERE server = ? AND (state IN ('queued', 'running') OR state = 'paused' AND code = 'no_space')`,
      server,
    );
    return owners.some(
      ({state, owner}) => state !== 'running' || (owner !== this.owner && !this.isAlive(owner)),
    );
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

  /** How many transfers of `server` there are in which state, and with whom. */
  count(server: string): CountedTransfers[] {
    const rows = this.#statements.all(
      // One look at all rows in their order on disk takes half of the time that an index does.
      `SELECT state, iif(state = 'paused', code, NULL) AS code,
        iif(state = 'running', owner, NULL) AS owner, count(*) AS count, max(id) AS last_id
        FROM transfer WHERE +server = ? AND state <> 'removed' GROUP BY 1, 2, 3`,
      server,
    );
    return rows.flatMap(({state, code, owner, count, last_id}) => {
      const known = storedStates.find(one => one === state);
      return known === undefined
        ? []
        : {
            state: known,
            outcome: undefined,
            code: typeof code === 'string' ? code : undefined,
            reason: undefined,
            owner: typeof owner === 'string' ? owner : undefined,
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

  /** The number of the last change. */
  get seq(): number {
    return this.#statements.seq;
  }

  /** Differs from before if another connection has written meanwhile. */
  get dataVersion(): number {
    return Number(this.#statements.get('PRAGMA data_version')?.data_version);
  }

  /** Claim those of `ids` that are queued and that no living client works on. @returns which. */
  claim(ids: readonly number[]): number[] {
    return this.#statements.change(seq =>
      ids.filter(id => {
        const row = this.#statements.get('SELECT state, owner FROM transfer WHERE id = ?', id);
        const free =
          row?.state === 'queued' ||
          (row?.state === 'running' && row.owner !== this.owner && !this.isAlive(row.owner));
        if (free) {
          this.#statements.run(
            "UPDATE transfer SET state = 'running', owner = ?, seq = ? WHERE id = ?",
            this.owner,
            seq,
            id,
          );
        }

        return free;
      }),
    );
  }

  /** Write what happened to transfers. */
  save(changes: readonly Change[]): void {
    this.#statements.change(seq => {
      for (const change of changes) {
        this.#update(change, seq);
      }
    });
  }

  /**
   * Say what is to become of transfers, whoever works on them: that one hears of it.
   *
   * @param from Only those that are in one of these states; cleared ones never are.
   * @returns the ids of those that were.
   */
  order(
    ids: readonly number[],
    state: Exclude<StoredState, 'running'>,
    from: readonly StoredState[] = storedStates,
  ): number[] {
    const settledMs = state === 'queued' || state === 'paused' ? null : this.#now();
    return this.#set(
      'state = ?, owner = NULL, code = NULL, reason = NULL, settled_ms = ?',
      [state, settledMs],
      ids,
      from,
    );
  }

  /**
   * Give transfers another priority.
   *
   * @param from Only those that are in one of these states; cleared ones never are.
   * @returns the ids of those that were.
   */
  prioritize(
    ids: readonly number[],
    priority: Priority,
    from: readonly StoredState[] = storedStates,
  ): number[] {
    return this.#set('priority = ?', [rankOf(priority)], ids, from);
  }

  /** Give transfers other places among those of their priority. */
  place(places: readonly Placed[]): void {
    this.#statements.change(seq => this.#place(places, seq));
  }

  /**
   * Move a transfer by so many places among those of its server that have its priority and are not
   * settled, and itself; negative: towards the front.
   *
   * @returns its place there, from 1, and how many there are; undefined if there is no such transfer.
   */
  move(id: number, by: number): {place: number; of: number; priority: Priority} | undefined {
    return this.#statements.change(seq => {
      const [stored] = this.read([id]);
      if (stored === undefined) {
        return undefined;
      }

      const rows = this.#statements
        .all(
          `SELECT id, position FROM transfer WHERE (state NOT IN ${settledStates} OR id = ?) AND
          (server, priority) = (SELECT server, priority FROM transfer WHERE id = ?)
          ORDER BY position, id`,
          id,
          id,
        )
        .map(row => ({id: Number(row.id), position: Number(row.position)}));
      const from = rows.findIndex(row => row.id === id);
      const {to, changed} = movePlace(rows, from, by);
      this.#place(changed, seq);
      return {place: to + 1, of: rows.length, priority: stored.priority};
    });
  }

  /** The name under which this client claims transfers. */
  get owner(): string {
    return this.#owners.own;
  }

  /** Whether the client of that name is at work, as far as can be told. */
  isAlive(owner: unknown): boolean {
    return this.#owners.isAlive(owner);
  }

  /** See `StoredLocks`. */
  lock(targets: readonly string[], released: readonly string[] = []): Map<string, Holder> {
    return this.#locks.lock(targets, released);
  }

  unlock(targets: readonly string[]): void {
    this.#locks.unlock(targets);
  }

  [Symbol.dispose](): void {
    this.#owners.stop();
    try {
      this.#statements.change(seq => {
        this.#statements.run(
          "UPDATE transfer SET state = 'queued', owner = NULL, seq = ? WHERE owner = ? AND state = 'running'",
          seq,
          this.owner,
        );
        this.#locks.forgetOwn();
        this.#owners.forgetOwn();
      });
    } catch {
      // Where it cannot be written, others see that this process is gone.
    }

    this.#statements.clear();
    this.#db.close();
  }

  /** Set columns of those of `ids` that are in one of the states `from`. @returns which those are. */
  #set(
    columns: string,
    values: readonly SQLInputValue[],
    ids: readonly number[],
    from: readonly StoredState[],
  ): number[] {
    const states = JSON.stringify(from.filter(state => state !== 'removed'));
    return this.#statements.change(seq =>
      ids.filter(id => {
        const {changes} = this.#statements.run(
          `UPDATE transfer SET ${columns}, seq = ? WHERE id = ?
            AND state IN (SELECT value FROM json_each(?))`,
          ...values,
          seq,
          id,
          states,
        );
        return changes > 0;
      }),
    );
  }

  #place(places: readonly Placed[], seq: number): void {
    for (const {id, position} of places) {
      this.#statements.run(
        'UPDATE transfer SET position = ?, seq = ? WHERE id = ?',
        position,
        seq,
        id,
      );
    }
  }

  #update(change: Change, seq: number): void {
    const settled = ['done', 'failed', 'canceled'].includes(change.state);
    // It was stopped and put back in line before who works on it heard of that: it still does.
    const goesOn = change.mine && ['running', 'done', 'failed'].includes(change.state);
    // A pause or a cancel that came too late: the file has its name.
    const isDone = change.mine && change.state === 'done';
    this.#statements.run(
      `UPDATE transfer SET state = ?, outcome = ?, code = ?, reason = ?, size = coalesce(?, size),
        version = coalesce(?, version), verified_bytes = ?, reused_bytes = ?, settled_ms = ?, seq = ?,
        owner = CASE WHEN ? = 'running' THEN coalesce(owner, ?) END
        WHERE id = ? AND state <> 'removed'
          AND (owner = ? OR NOT ? OR (owner IS NULL AND
            (? AND state = 'queued' OR ? AND state IN ('paused', 'canceled'))))`,
      change.state,
      change.outcome ?? null,
      change.code ?? null,
      change.reason ?? null,
      change.size ?? null,
      change.version ?? null,
      change.verifiedBytes,
      change.reusedBytes,
      settled ? this.#now() : null,
      seq,
      change.state,
      goesOn ? this.owner : null,
      change.id,
      this.owner,
      Number(change.mine),
      Number(goesOn),
      Number(isDone),
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
      this.#owners.prune(historyMs);
      this.#locks.prune();
      this.partials.prune();
    });
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

function inodeOf(file: string): bigint | undefined {
  return statSync(file, {bigint: true, throwIfNoEntry: false})?.ino;
}
