/** Calls of the queue's database. Each statement is prepared once, and changes are numbered. */
import type {DatabaseSync, SQLInputValue, StatementSync} from 'node:sqlite';

export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();
  #isInTransaction = false;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  all(sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values);
  }

  get(sql: string, ...values: SQLInputValue[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...values);
  }

  run(
    sql: string,
    ...values: SQLInputValue[]
  ): {changes: number | bigint; lastInsertRowid: number | bigint} {
    return this.#statement(sql).run(...values);
  }

  /** The number of the last change. */
  get seq(): number {
    return Number(this.get('SELECT seq FROM counter')?.seq);
  }

  /** One transaction that changes transfers. All of them get the next `seq`. */
  change<Result>(work: (seq: number) => Result): Result {
    return this.transaction(() => {
      const seq = this.seq + 1;
      this.run('UPDATE counter SET seq = ?', seq);
      return work(seq);
    });
  }

  /** One transaction: all of `work` takes effect, or nothing. Inside another transaction it becomes part of that. */
  transaction<Result>(work: () => Result): Result {
    if (this.#isInTransaction) {
      return work();
    }

    this.#db.exec('BEGIN IMMEDIATE');
    this.#isInTransaction = true;
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#isInTransaction = false;
    }
  }

  /** Drop all statements, before the database is closed. */
  clear(): void {
    this.#prepared.clear();
  }

  #rollBack(): void {
    try {
      this.#db.exec('ROLLBACK');
    } catch {
      // If the disk is full, SQLite has already rolled back.
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }

    return statement;
  }
}
