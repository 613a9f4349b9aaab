/** Reads the table `transfer`. Invalid rows are left out. */
import type {SQLInputValue} from 'node:sqlite';
import {rankOf} from '../terms/priority.ts';
import type {Statements} from './sqlite/statements.ts';
import {type StoredState, storedStates} from './stored-state.ts';
import {type StoredTransfer, storedColumns, storedTransfer} from './stored-transfer.ts';

/** By priority, then by position: the order in which transfers run. */
const inOrder = 'ORDER BY transfer.priority, transfer.position, transfer.id';

/** The states of transfers that do not continue by themselves, for SQL. */
const settledStates = "('failed', 'done', 'canceled', 'removed')";

/** Counts of the transfers in one state. */
export type CountedTransfers = {
  state: StoredState;
  waitsForRoom: boolean;
  count: number;
  /** The highest id of these transfers. */
  lastId: number;
  /** Sum of the sizes of these files; where a size is unknown, of the bytes that are here. */
  bytes: number;
  /** How many of these bytes are here, as the interface shows it. */
  hereBytes: number;
  /** How many of these bytes are missing. */
  leftBytes: number;
  /** Number of transfers whose size is unknown. */
  unsized: number;
};

/** Transfers that are left in the queue of one server. */
export type LeftTransfers = {
  /** As `host:port`. */
  server: string;
  /** Includes the running ones. */
  waiting: number;
  paused: number;
  failed: number;
  /** Bytes still missing of waiting and paused transfers, as far as sizes are known. */
  bytes: number;
};

/** Rows that one step of `left` reads: some ten milliseconds of work. */
const rowsAtOnce = 10_000;

/** Bytes of a row that are here, computed as in `bytesHere`. */
const hereBytes = `CASE state
  WHEN 'done' THEN coalesce(size, verified_bytes)
  WHEN 'running' THEN iif(received_bytes IS size, verified_bytes, max(received_bytes, verified_bytes))
  ELSE verified_bytes END`;

export class StoredRows {
  protected readonly statements: Statements;

  constructor(statements: Statements) {
    this.statements = statements;
  }

  /** Servers with unsettled transfers, as `host:port`; with `settled`, servers with any transfers. */
  servers(options: {settled?: boolean} = {}): string[] {
    const left = options.settled === true ? "('removed')" : settledStates;
    const rows = this.statements.all(
      `SELECT DISTINCT server FROM transfer WHERE state NOT IN ${left} ORDER BY server`,
    );
    return rows.map(row => String(row.server));
  }

  /**
   * For each server, the transfers that are unfinished or failed. A million of them take seconds, so each step reads a
   * part, and the caller can do other work between steps.
   */
  *left(): Generator<undefined, LeftTransfers[]> {
    const lastId = Number(this.statements.get('SELECT max(id) AS last FROM transfer')?.last ?? 0);
    const sums = new Map<string, LeftTransfers>();
    for (let from = 0; from <= lastId; from += rowsAtOnce) {
      const rows = this.statements.all(
        `SELECT server, total(state IN ('queued', 'running')) AS waiting, total(state = 'paused') AS paused,
          total(state = 'failed') AS failed,
          total(iif(state = 'failed', 0, max(coalesce(size, 0) - (${hereBytes}), 0))) AS bytes
          FROM transfer WHERE id >= ? AND id < ? AND state IN ('queued', 'running', 'paused', 'failed')
          GROUP BY +server`,
        from,
        from + rowsAtOnce,
      );
      for (const row of rows) {
        addUp(sums, row);
      }

      yield;
    }

    return [...sums.values()];
  }

  /** Whether a transfer of `server` is to be fetched, or waits for room on the disk. */
  hasWork(server: string): boolean {
    const row = this.statements.get(
      `SELECT 1 FROM transfer WHERE server = ?
        AND (state IN ('queued', 'running') OR state = 'paused' AND code = 'no_space') LIMIT 1`,
      server,
    );
    return row !== undefined;
  }

  /** Ids of the transfers in one of `states`, in queue order; of all servers if `server` is not given. */
  idsIn(states: readonly StoredState[], server?: string): number[] {
    const rows = this.statements.all(
      `SELECT id FROM transfer WHERE state IN (SELECT value FROM json_each(?))
        AND server = coalesce(?, server) ORDER BY server, priority, position, id`,
      JSON.stringify(states),
      server ?? null,
    );
    return rows.map(row => Number(row.id));
  }

  /** Transfers of `server` in queue order, after `last` if given, at most `limit`. Invalid rows are left out. */
  load(server: string, last?: StoredTransfer, limit = -1): StoredTransfer[] {
    let behind: SQLInputValue[] = [
      last === undefined ? -1 : rankOf(last.priority),
      last?.position ?? 0,
      last?.id ?? 0,
    ];
    for (;;) {
      const rows = this.statements.all(
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

      // All rows of this part are invalid; valid ones may follow.
      behind = [Number(end.priority), Number(end.position), Number(end.id)];
    }
  }

  /** The number of transfers of `server` in each state. */
  count(server: string): CountedTransfers[] {
    const rows = this.statements.all(
      // A scan of all rows in their order on disk takes half of the time that an index takes.
      `SELECT state, waits, count(*) AS count, max(id) AS last_id, total(coalesce(size, here)) AS bytes,
        total(here) AS here, total(max(coalesce(size, here) - here, 0)) AS missing,
        total(size IS NULL) AS unsized
        FROM (SELECT id, state, state = 'paused' AND code IS 'no_space' AS waits, size,
          ${hereBytes} AS here FROM transfer WHERE +server = ? AND state <> 'removed')
        GROUP BY 1, 2`,
      server,
    );
    return rows.flatMap(({state, waits, count, last_id, bytes, here, missing, unsized}) => {
      const known = storedStates.find(one => one === state);
      return known === undefined
        ? []
        : {
            state: known,
            waitsForRoom: waits === 1,
            count: Number(count),
            lastId: Number(last_id),
            bytes: Number(bytes),
            hereBytes: Number(here),
            leftBytes: Number(missing),
            unsized: Number(unsized),
          };
    });
  }

  /** Transfers of `server` that changed after `seq`, including cleared ones. */
  changedSince(server: string, seq: number): StoredTransfer[] {
    return this.#read(
      `SELECT ${storedColumns} FROM transfer WHERE seq > ? AND server = ? ${inOrder}`,
      seq,
      server,
    );
  }

  /** The transfers with these ids that still exist; only those of `server`, if it is given. */
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

  /** Cleared transfers of `server` with these ids, as they were before they were cleared. */
  readCleared(ids: readonly number[], server: string): StoredTransfer[] {
    const rows = this.statements.all(
      `SELECT ${storedColumns} FROM transfer WHERE state = 'removed' AND server = ?
        AND id IN (SELECT value FROM json_each(?)) ${inOrder}`,
      server,
      JSON.stringify(ids),
    );
    // Only done or canceled transfers can be cleared.
    return this.#checked(
      rows.map(row => ({...row, state: row.outcome === null ? 'canceled' : 'done'})),
    );
  }

  /** The servers of these transfers, each with the ids of its transfers. Cleared ones are left out. */
  byServer(ids: readonly number[]): Map<string, number[]> {
    const rows = this.statements.all(
      `SELECT server, id FROM transfer WHERE state <> 'removed'
        AND id IN (SELECT value FROM json_each(?)) ORDER BY server`,
      JSON.stringify(ids),
    );
    const servers = new Map<string, number[]>();
    for (const {server, id} of rows) {
      const own = servers.get(String(server));
      if (own === undefined) {
        servers.set(String(server), [Number(id)]);
      } else {
        own.push(Number(id));
      }
    }

    return servers;
  }

  /** When the transfer was added to the queue, in milliseconds since 1970. */
  addedMs(id: number): number | undefined {
    const row = this.statements.get('SELECT added_ms FROM transfer WHERE id = ?', id);
    return row === undefined ? undefined : Number(row.added_ms);
  }

  /** The number of the last change. */
  get seq(): number {
    return this.statements.seq;
  }

  /** Changes whenever another connection has written to the database. */
  get dataVersion(): number {
    return Number(this.statements.get('PRAGMA data_version')?.data_version);
  }

  #read(sql: string, ...values: SQLInputValue[]): StoredTransfer[] {
    return this.#checked(this.statements.all(sql, ...values));
  }

  /** Converts `rows` to transfers, without the invalid ones. */
  #checked(rows: ReadonlyArray<Record<string, unknown>>): StoredTransfer[] {
    return rows.flatMap(row => storedTransfer(row, this.#readPaths) ?? []);
  }

  readonly #readPaths = (id: number): Record<string, unknown> | undefined =>
    this.statements.get('SELECT remote_path, local_path FROM transfer WHERE id = ?', id);
}

/** Add the counts of one part of the rows. */
function addUp(sums: Map<string, LeftTransfers>, row: Record<string, unknown>): void {
  const server = String(row.server);
  const sum = sums.get(server) ?? {server, waiting: 0, paused: 0, failed: 0, bytes: 0};
  sums.set(server, {
    server,
    waiting: sum.waiting + Number(row.waiting),
    paused: sum.paused + Number(row.paused),
    failed: sum.failed + Number(row.failed),
    bytes: sum.bytes + Number(row.bytes),
  });
}
