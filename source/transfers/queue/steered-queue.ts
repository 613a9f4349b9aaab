/** A queue as its user steers it: each word is a wish, which the process that works on the queue carries out. */
import type {Priority} from '../terms/priority.ts';
import type {Wish} from '../terms/wish.ts';
import {QueueView} from './queue-view.ts';
import {mostCleared} from './rows/cleared-rows.ts';

export abstract class SteeredQueue extends QueueView {
  pause(id: number): void {
    this.steer({do: 'pause', which: [id]});
  }

  resume(id: number): void {
    this.steer({do: 'resume', which: [id]});
  }

  /** Put a failed or canceled transfer back in line. */
  retry(id: number): void {
    this.steer({do: 'retry', which: [id]});
  }

  /** Put all that failed back in line. @returns how many. */
  retryFailed(): number {
    const {failed} = this.rows.counts;
    if (failed > 0) {
      this.steer({do: 'retry', which: 'failed'});
    }

    return failed;
  }

  /** Stop for good; `deletePartial` also removes the bytes fetched so far. */
  cancel(id: number, {deletePartial = false}: {deletePartial?: boolean} = {}): void {
    this.steer({do: 'cancel', which: [id], deletePartial});
  }

  /**
   * Move by so many places among those of the same priority; negative: towards the front.
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

  /** Say how soon a transfer runs; one that runs already is not stopped for another. */
  setPriority(id: number, priority: Priority): void {
    this.steer({do: 'priority', which: [id], priority});
  }

  /** Forget transfers that are done or canceled. @returns ids of those that `restore` can bring back. */
  clearSettled(): number[] {
    const wish: Wish = {do: 'clear', which: 'all'};
    const ids = this.concerned(wish).slice(-mostCleared);
    this.steer(wish);
    return ids;
  }

  /** Bring back transfers that were cleared while the process that works on the queue runs. */
  restore(ids: readonly number[]): void {
    this.steer({do: 'restore', which: [...ids]});
  }

  /** Carry a wish out, or pass it on to the process that works on the queue. */
  protected abstract steer(wish: Wish): void;
}
