/** A queue as its user steers it: each request is a wish, which the process that works on the queue carries out. */
import type {Priority} from '../terms/priority.ts';
import type {Wish, WishAnswer} from '../terms/wish.ts';
import {QueueView} from './queue-view.ts';
import {mostCleared} from './rows/cleared-rows.ts';

export abstract class SteeredQueue extends QueueView {
  pause(id: number): void {
    this.steer({do: 'pause', which: [id]});
  }

  resume(id: number): void {
    this.steer({do: 'resume', which: [id]});
  }

  /** Queue failed or canceled transfers again. */
  retry(...ids: readonly number[]): void {
    this.steer({do: 'retry', which: [...ids]});
  }

  /** Queue all failed transfers again. @returns their number. */
  retryFailed(): number {
    const {failed} = this.rows.counts;
    if (failed > 0) {
      this.steer({do: 'retry', which: 'failed'});
    }

    return failed;
  }

  /** Stop a transfer for good. `deletePartial` also removes the bytes fetched so far. */
  cancel(id: number, {deletePartial = false}: {deletePartial?: boolean} = {}): void {
    this.steer({do: 'cancel', which: [id], deletePartial});
  }

  /**
   * Move a transfer by `by` places among those of its priority (negative: towards the front).
   *
   * @returns whether there was room to move.
   */
  move(id: number, by: number): boolean {
    const hasRoom = this.rows.placesToMove(id, by).length > 0;
    if (hasRoom) {
      this.steer({do: 'move', id, by});
    }

    return hasRoom;
  }

  /** Set how soon a transfer runs. A running transfer is not stopped for another. */
  setPriority(id: number, priority: Priority): void {
    this.steer({do: 'priority', which: [id], priority});
  }

  /** Remove transfers that are done or canceled. @returns the ids that `restore` can bring back. */
  clearSettled(): number[] {
    const ids = this.concerned({do: 'clear', which: 'all'});
    if (ids.length > 0) {
      // By id: transfers that have ended since, which the user has not seen, stay.
      this.steer({do: 'clear', which: ids.length > mostCleared ? 'all' : ids});
    }

    return ids.slice(-mostCleared);
  }

  /** Restore cleared transfers. @returns the ids of the restored transfers. */
  restore(ids: readonly number[]): readonly number[] {
    const answer = this.steer({do: 'restore', which: [...ids]});
    return answer === undefined ? ids : answer.ids;
  }

  /** @returns the answer; undefined if the wish was passed on to the process that works on the queue. */
  protected abstract steer(wish: Wish): WishAnswer | undefined;
}
