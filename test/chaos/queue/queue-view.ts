/** Reads the queue from its database every few milliseconds, without any effect on its processes. */
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {priorities, rankOf} from '../../../source/transfers/terms/priority.ts';
import {stateFolder} from '../program.ts';
import type {Queued} from './expected.ts';

export class QueueView implements Disposable {
  readonly #db: DatabaseSync;

  /** @param home the home folder of the programs that have made the queue. */
  constructor(home: string) {
    this.#db = new DatabaseSync(join(stateFolder(home), 'queue.db'), {readOnly: true});
    this.#db.exec('PRAGMA busy_timeout = 5000');
  }

  /** The process that was the last one to become the worker. */
  get workerPid(): number | undefined {
    const row = this.#db.prepare('SELECT pid FROM worker').get();
    return row === undefined ? undefined : Number(row.pid);
  }

  /** Transfers that are not cleared, with their states. */
  states(): Map<number, string> {
    const rows = this.#db.prepare("SELECT id, state FROM transfer WHERE state <> 'removed'").all();
    return new Map(rows.map(({id, state}) => [Number(id), String(state)]));
  }

  /** Transfers that are not cleared, in the order of the queue. */
  transfers(): Queued[] {
    return this.#db
      .prepare(
        `SELECT id, state, priority, reason FROM transfer WHERE state <> 'removed'
          ORDER BY priority, position, id`,
      )
      .all()
      .map(({id, state, priority, reason}) => ({
        id: Number(id),
        state: String(state),
        priority: priorities.find(known => rankOf(known) === Number(priority)) ?? '',
        message: String(reason),
      }));
  }

  /** How many wishes are not carried out yet. */
  get openWishes(): number {
    const row = this.#db.prepare('SELECT count(*) AS count FROM wish WHERE answer IS NULL').get();
    return Number(row?.count);
  }

  /** All that a worker writes, as one text to compare. */
  everything(): string {
    return JSON.stringify([
      this.workerPid,
      this.#db.prepare('SELECT * FROM transfer ORDER BY id').all(),
    ]);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
