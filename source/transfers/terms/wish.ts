/**
 * A user's request about transfers of a queue, for the process that works on it. Another process writes it into the
 * database, where it stays until it is carried out.
 */
import type {Priority} from './priority.ts';
import {isRunning, type TransferEvent, type TransferState, waitsForRoom} from './transfer-state.ts';

/** Transfers by id. `all`: every transfer of the server that the wish applies to. */
type Which = 'all' | number[];

export type Wish =
  | {do: 'pause' | 'resume'; which: Which}
  | {do: 'clear'; which: Which}
  | {do: 'retry'; which: Which | 'failed'}
  /** Restore cleared transfers. */
  | {do: 'restore'; which: number[]}
  | {do: 'cancel'; which: Which; deletePartial: boolean}
  | {do: 'priority'; which: Which; priority: Priority}
  | {do: 'move'; id: number; by: number};

export type WishAnswer = {
  /** The transfers that the wish applied to. */
  ids: number[];
  /** Partials that should be deleted and could not be. */
  kept?: {id: number; reason: string}[] | undefined;
  /** The place of a moved transfer, from 1, and the number of unsettled transfers of its priority. */
  place?: number | undefined;
  of?: number | undefined;
};

/** The event that carries out a wish about the state of a transfer; undefined for other wishes. */
export function eventOf(wish: Wish): TransferEvent | undefined {
  switch (wish.do) {
    case 'pause':
    case 'resume':
    case 'retry':
      return {type: wish.do};
    case 'cancel':
      return {type: 'cancel', deletePartial: wish.deletePartial};
    default:
      return undefined;
  }
}

/** Whether the wish applies to a transfer in `state`. */
export function concerns(wish: Wish, state: TransferState): boolean {
  switch (wish.do) {
    case 'pause':
      return state.name === 'queued' || isRunning(state) || waitsForRoom(state);
    case 'resume':
      return state.name === 'paused';
    case 'retry':
      return state.name === 'failed' || (state.name === 'canceled' && wish.which !== 'failed');
    case 'cancel':
      return state.name !== 'done' && (state.name !== 'canceled' || wish.deletePartial);
    case 'clear':
      // Without the row, nothing would delete the partial.
      return state.name === 'done' || (state.name === 'canceled' && state.deletePartial !== true);
    case 'priority':
      return state.name !== 'done' && state.name !== 'canceled';
    case 'move':
      return true;
    case 'restore':
      // A transfer that has a row needs no restoring.
      return false;
  }
}
