/** The clients that share a queue, as its database has them: who is alive, by a heartbeat. */
import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import process from 'node:process';
import type {QueueStatements} from './queue-statements.ts';

/** Where a client runs. */
export type Owner = {host: string; pid: number};

const heartbeatEveryMs = 5000;

/** A client whose heartbeat is older than this, or from the future by as much, is gone. */
const staleMs = 15_000;

export class StoredOwners {
  /** The name of this client. */
  readonly own = randomUUID();
  readonly #statements: QueueStatements;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(statements: QueueStatements, now: () => number) {
    this.#statements = statements;
    this.#now = now;
  }

  /** Say that this client is alive, now and from time to time, until `stop`. */
  start(): void {
    this.#beat();
    this.#timer = setInterval(() => this.#beatOn(), heartbeatEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whether the client of that name is at work, as far as can be told. */
  isAlive(name: unknown): boolean {
    if (typeof name !== 'string') {
      return false;
    }

    const row = this.#statements.get(
      'SELECT host, pid, heartbeat_ms FROM owner WHERE name = ?',
      name,
    );
    // Heartbeats from the future are from before a clock was set back.
    if (row === undefined || Math.abs(this.#now() - Number(row.heartbeat_ms)) > staleMs) {
      return false;
    }

    return row.host !== hostname() || isRunning(Number(row.pid));
  }

  /** The client of that name, of those that are known. */
  find(name: string): Owner {
    const row = this.#statements.get('SELECT host, pid FROM owner WHERE name = ?', name);
    return {host: String(row?.host), pid: Number(row?.pid)};
  }

  /** Forget this client: it ends. */
  forgetOwn(): void {
    this.#statements.run('DELETE FROM owner WHERE name = ?', this.own);
  }

  /** Forget those that have said nothing for so long. */
  prune(olderThanMs: number): void {
    this.#statements.run(
      'DELETE FROM owner WHERE abs(? - heartbeat_ms) > ?',
      this.#now(),
      olderThanMs,
    );
  }

  #beat(): void {
    this.#statements.run(
      `INSERT INTO owner VALUES (?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET heartbeat_ms = excluded.heartbeat_ms`,
      this.own,
      hostname(),
      process.pid,
      this.#now(),
    );
  }

  #beatOn(): void {
    try {
      this.#beat();
    } catch {
      // The disk is full, or another client holds the database for long: the next one may succeed.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
