/**
 * A word of a user about transfers of a queue, for the process that works on it. Another process writes
 * it into the database, where it stays until it is carried out.
 */
import type {Priority} from './priority.ts';
import {isRunning, type TransferEvent, type TransferState, waitsForRoom} from './transfer-state.ts';

/** Transfers by their ids; `all`: every transfer of the server that can be told so. */
type Which = 'all' | number[];

export type Wish =
  | {do: 'pause' | 'resume'; which: Which}
  | {do: 'clear'; which: Which}
  | {do: 'retry'; which: Which | 'failed'}
  /** Bring back transfers that were cleared. */
  | {do: 'restore'; which: number[]}
  | {do: 'cancel'; which: Which; deletePartial: boolean}
  | {do: 'priority'; which: Which; priority: Priority}
  | {do: 'move'; id: number; by: number};

export type WishAnswer = {
  /** Transfers that were told so, and for which it meant something. */
  ids: number[];
  /** Partials that were to be deleted and could not be. */
  kept?: {id: number; reason: string}[] | undefined;
  /** The place of a moved transfer, from 1, among so many of its priority that are not settled. */
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

/** Whether a transfer in `state` can be told so. */
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
      // Without its row nobody would delete the partial.
      return state.name === 'done' || (state.name === 'canceled' && state.deletePartial !== true);
    case 'priority':
      return state.name !== 'done' && state.name !== 'canceled';
    case 'move':
      return true;
    case 'restore':
      // None that has a row needs to be brought back.
      return false;
  }
}
