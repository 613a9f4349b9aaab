/**
 * A word of a user about transfers of a queue, for the process that works on it: it is written into
 * the database and stays there until it is carried out.
 */
import {z} from 'zod';
import {priorities} from './priority.ts';
import {isRunning, type TransferEvent, type TransferState, waitsForRoom} from './transfer-state.ts';

const ids = z.array(z.int().min(0));

/** `all`: every transfer of the server that can be told so. */
const which = z.union([z.literal('all'), ids]);

export const wishSchema = z.discriminatedUnion('do', [
  z.object({do: z.enum(['pause', 'resume', 'clear']), which}),
  z.object({do: z.literal('retry'), which: z.union([z.enum(['all', 'failed']), ids])}),
  z.object({do: z.literal('cancel'), which, deletePartial: z.boolean()}),
  z.object({do: z.literal('priority'), which, priority: z.enum(priorities)}),
  z.object({do: z.literal('move'), id: z.int().min(0), by: z.int()}),
]);
export type Wish = z.infer<typeof wishSchema>;

export const wishAnswerSchema = z.object({
  /** Transfers that were told so, and for which it meant something. */
  ids,
  /** Partials that were to be deleted and could not be. */
  kept: z.array(z.object({id: z.int(), reason: z.string()})).optional(),
  /** The place of a moved transfer, from 1, among so many of its priority that are not settled. */
  place: z.int().optional(),
  of: z.int().optional(),
});
export type WishAnswer = z.infer<typeof wishAnswerSchema>;

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
  }
}
