/** Carries out wishes of users on the rows of a queue. */
import {JangadaError} from '../../../../protocol/errors.ts';
import {describeFailure} from '../../terms/failure.ts';
import {isSettled, type TransferEvent, waitsForRoom} from '../../terms/transfer-state.ts';
import {concerns, eventOf, type Wish, type WishAnswer} from '../../terms/wish.ts';
import type {Row} from '../rows/row.ts';
import type {RowChanges} from '../rows/row-changes.ts';
import type {Rows} from '../rows/rows.ts';
import type {Slots} from './slots.ts';

type SteeringTools = {
  rows: Rows;
  changes: RowChanges;
  slots: Pick<Slots, 'has' | 'stop'>;
  /** @throws JangadaError */
  deletePartial(row: Row): void;
  failed(id: number, error: JangadaError): void;
  /** Rows are about to be removed, for every process. They still exist here. */
  cleared(ids: readonly number[]): void;
  /** Rows that were cleared before this process could see them. */
  recall(ids: readonly number[]): readonly Row[];
  /** Cleared rows were restored. */
  restored(ids: readonly number[]): void;
};

export class Steering {
  readonly #tools: SteeringTools;

  constructor(tools: SteeringTools) {
    this.#tools = tools;
  }

  /** Carry out a user's wish. The partial of a canceled transfer may be deleted after this returns. */
  carryOut(wish: Wish): WishAnswer {
    const {rows, changes, slots} = this.#tools;
    if (wish.do === 'move') {
      const places = rows.placesToMove(wish.id, wish.by);
      changes.rearrange(
        new Map(places.map(({id, position}) => [id, {type: 'placed', position}] as const)),
      );
      const place = rows.placeAmongEquals(wish.id);
      return {ids: place === undefined ? [] : [wish.id], ...place};
    }

    if (wish.do === 'restore') {
      const back = changes.restore(wish.which, this.#tools.recall).map(({id}) => id);
      this.#tools.restored(back);
      return {ids: back};
    }

    const named = Array.isArray(wish.which) ? wish.which : undefined;
    const ids = rows.idsIn(state => concerns(wish, state), named);
    if (wish.do === 'clear') {
      const idle = ids.filter(id => !slots.has(id));
      this.#tools.cleared(idle);
      changes.clear(idle);
      return {ids: idle};
    }

    if (wish.do === 'priority') {
      const event = {type: 'prioritized', priority: wish.priority} as const;
      changes.rearrange(new Map(ids.map(id => [id, event])));
      return {ids};
    }

    const event = eventOf(wish);
    if (event !== undefined) {
      for (const id of ids) {
        this.happen(id, event);
      }
    }

    return {ids};
  }

  /** The worker has new rows. */
  added(rows: Iterable<Row>): void {
    for (const row of rows) {
      this.#reserve(row);
      this.deletePartial(row);
      if (waitsForRoom(row.state)) {
        // There may be room by now.
        this.happen(row.id, {type: 'resume'});
      }
    }
  }

  /** Apply an event that stops a row or queues it again. */
  happen(id: number, event: TransferEvent): void {
    const {changes, slots} = this.#tools;
    const row = changes.apply(id, event);
    slots.stop(id);
    if (row?.state.name === 'queued') {
      this.#reserve(row);
    } else if (row !== undefined && !slots.has(id)) {
      this.deletePartial(row);
    }
  }

  /**
   * Delete the partial of a canceled transfer, if the user wants that and no other transfer uses the partial by now.
   */
  deletePartial(row: Row): void {
    const {rows, changes} = this.#tools;
    if (row.state.name !== 'canceled' || row.state.deletePartial !== true) {
      return;
    }

    try {
      if (!rows.targets.isTakenFrom(row)) {
        this.#tools.deletePartial(row);
      }

      changes.apply(row.id, {type: 'deleted'});
    } catch (error) {
      changes.apply(row.id, {type: 'fail', ...describeFailure(error)});
    }
  }

  /** Two transfers never save to the same name: the later one fails. */
  #reserve(row: Row): void {
    if (!isSettled(row.state) && !this.#tools.rows.targets.reserve(row)) {
      this.#tools.failed(row.id, new JangadaError('exists', 'Another transfer saves to this name'));
    }
  }
}
