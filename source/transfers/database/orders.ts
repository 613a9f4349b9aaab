/**
 * Carries out wishes in the database itself, for a queue that no process works on. The caller holds its lease. A worker
 * carries wishes out on the rows in its memory.
 */
import type {SQLInputValue} from 'node:sqlite';
import {rankOf} from '../terms/priority.ts';
import type {TransferState} from '../terms/transfer-state.ts';
import {concerns, type Wish, type WishAnswer} from '../terms/wish.ts';
import {movePlace} from './move-place.ts';
import type {Statements} from './sqlite/statements.ts';
import {type StoredState, stateFromColumns, storedStates} from './stored-state.ts';
import type {Wishes} from './wishes.ts';

export class Orders {
  readonly #statements: Statements;
  readonly #wishes: Wishes;
  readonly #now: () => number;

  constructor(statements: Statements, wishes: Wishes, now: () => number) {
    this.#statements = statements;
    this.#wishes = wishes;
    this.#now = now;
  }

  /**
   * Carry out `wish`, after the older unanswered wishes about `server`, so that the user's last wish wins. Everything
   * happens in one transaction.
   *
   * @param writtenId the number of `wish` if it is already in the database. If a worker has answered it, it is not
   * carried out again.
   */
  carryOutInTurn(server: string, wish: Wish, writtenId: number | undefined): WishAnswer {
    return this.#statements.transaction(() => {
      const ownId = writtenId ?? this.#wishes.make(server, wish);
      for (const {id, wish: open} of this.#wishes.open(server)) {
        const answer = this.carryOut(server, open);
        this.#wishes.answer(id, id === ownId ? answer : this.#withPartials(open, answer));
      }

      const answer = this.#wishes.answerOf(ownId);
      this.#wishes.forget(ownId);
      return answer ?? {ids: []};
    });
  }

  /** Change the transfers of `server` as `wish` says. The caller takes care of partials. */
  carryOut(server: string, wish: Wish): WishAnswer {
    switch (wish.do) {
      case 'move':
        return this.#move(server, wish.id, wish.by);
      case 'priority':
        return this.#set(server, wish, 'priority = ?', [rankOf(wish.priority)]);
      case 'pause':
        return this.#become(server, wish, 'paused');
      case 'resume':
      case 'retry':
        return this.#become(server, wish, 'queued');
      case 'cancel':
        return this.#become(server, wish, 'canceled', wish.deletePartial ? 'delete' : null);
      case 'clear':
        return this.#clear(server, wish);
      case 'restore':
        return this.#restore(server, wish.which);
    }
  }

  /** The partial of a canceled transfer was deleted (`isDeleted`), or it stays for good. */
  partialIsDealtWith(id: number, isDeleted: boolean): void {
    const detail = "detail = iif(detail IS 'delete begun', 'begun', NULL)";
    const columns = isDeleted
      ? `${detail}, received_bytes = 0, verified_bytes = 0, reused_bytes = 0, copied_bytes = 0`
      : detail;
    this.#statements.change(seq => {
      this.#statements.run(
        `UPDATE transfer SET ${columns}, seq = ? WHERE id = ? AND state = 'canceled'`,
        seq,
        id,
      );
    });
  }

  /** The answer for another process: its partials are deleted only once there is a worker. */
  #withPartials(wish: Wish, answer: WishAnswer): WishAnswer {
    return wish.do === 'cancel' && wish.deletePartial
      ? {
          ...answer,
          kept: answer.ids.map(id => ({
            id,
            reason: 'The partial is deleted when the queue continues',
          })),
        }
      : answer;
  }

  /** The other columns stay: if the transfer is restored, they tell its former state. */
  #clear(server: string, wish: Wish & {do: 'clear'}): WishAnswer {
    return this.#set(server, wish, "state = 'removed', settled_ms = ?", [this.#now()]);
  }

  #restore(server: string, which: readonly number[]): WishAnswer {
    return this.#statements.change(seq => {
      const rows = this.#statements.all(
        `UPDATE transfer SET state = iif(outcome IS NULL, 'canceled', 'done'), settled_ms = ?1, seq = ?2
          WHERE server = ?3 AND state = 'removed' AND id IN (SELECT value FROM json_each(?4))
          RETURNING id`,
        this.#now(),
        seq,
        server,
        JSON.stringify(which),
      );
      return {ids: rows.map(({id}) => Number(id))};
    });
  }

  #become(
    server: string,
    wish: Exclude<Wish, {do: 'move' | 'restore'}>,
    state: StoredState,
    detail: string | null = null,
  ): WishAnswer {
    const settledMs = state === 'queued' || state === 'paused' ? null : this.#now();
    // The file under the final name may still be this transfer's own, so `begun` is kept.
    const begun = "iif(state = 'running' OR detail IN ('begun', 'delete begun'), 'begun', '')";
    const columns = `state = ?, outcome = NULL, code = NULL, reason = NULL,
      detail = nullif(trim(ifnull(?, '') || ' ' || ${begun}), ''), settled_ms = ?`;
    return this.#set(server, wish, columns, [state, detail, settledMs]);
  }

  /** Set columns of the transfers that `wish` names and whose state the wish applies to. */
  #set(
    server: string,
    wish: Exclude<Wish, {do: 'move' | 'restore'}>,
    columns: string,
    values: readonly SQLInputValue[],
  ): WishAnswer {
    const named = Array.isArray(wish.which) ? JSON.stringify(wish.which) : null;
    const rows = this.#statements.all(
      `SELECT id FROM transfer WHERE server = ?
        AND iif(?2 IS NULL, 1, id IN (SELECT value FROM json_each(?2)))
        AND CASE WHEN state = 'paused' AND code IS 'no_space' THEN 'waiting'
          WHEN state = 'canceled' AND detail IN ('delete', 'delete begun') THEN 'deleting' ELSE state END
          IN (SELECT value FROM json_each(?3)) ORDER BY priority, position, id`,
      server,
      named,
      JSON.stringify(wordsFor(wish)),
    );
    const ids = rows.map(row => Number(row.id));
    this.#statements.change(seq => {
      for (const id of ids) {
        this.#statements.run(
          `UPDATE transfer SET ${columns}, seq = ? WHERE id = ?`,
          ...values,
          seq,
          id,
        );
      }
    });
    return {ids};
  }

  /** Move a transfer among the unsettled transfers of its priority. */
  #move(server: string, id: number, by: number): WishAnswer {
    return this.#statements.change(seq => {
      const rows = this.#statements
        .all(
          `SELECT id, position FROM transfer WHERE server = ?1 AND state <> 'removed'
            AND (state NOT IN ('failed', 'done', 'canceled') OR id = ?2)
            AND priority = (SELECT priority FROM transfer WHERE id = ?2) ORDER BY position, id`,
          server,
          id,
        )
        .map(row => ({id: Number(row.id), position: Number(row.position)}));
      const from = rows.findIndex(row => row.id === id);
      if (from === -1) {
        return {ids: []};
      }

      const {to, changed} = movePlace(rows, from, by);
      for (const place of changed) {
        this.#statements.run(
          'UPDATE transfer SET position = ?, seq = ? WHERE id = ?',
          place.position,
          seq,
          place.id,
        );
      }

      return {ids: [id], place: to + 1, of: rows.length};
    });
  }
}

const blank = {outcome: null, code: null, reason: null, detail: null};

/** A state for each value of the column `state`, and for the words that the query derives from it. */
const examples: ReadonlyArray<readonly [string, TransferState]> = [
  ...storedStates
    .filter(state => state !== 'removed')
    .map(state => [state, stateFromColumns({...blank, state})] as const),
  ['waiting', stateFromColumns({...blank, state: 'paused', code: 'no_space'})],
  ['deleting', stateFromColumns({...blank, state: 'canceled', detail: 'delete'})],
];

/** The words for the states that `wish` applies to. */
function wordsFor(wish: Wish): string[] {
  return examples.flatMap(([word, state]) => (concerns(wish, state) ? [word] : []));
}
