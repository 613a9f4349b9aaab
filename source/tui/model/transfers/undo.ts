/** Undoes clearing and canceling, step by step, also the steps of another program that shares the queue. */
import type {Queue} from '../../../transfers/queue/queue.ts';
import type {UndoStep} from '../../../transfers/terms/undo-step.ts';

type SteeredQueue = Pick<
  Queue,
  'undoSteps' | 'restore' | 'retry' | 'isCanceled' | 'size' | 'totals'
>;

export class Undo {
  readonly #queue: SteeredQueue;

  constructor(queue: SteeredQueue) {
    this.#queue = queue;
  }

  did(step: UndoStep): void {
    this.#queue.undoSteps.push(step);
  }

  /**
   * Undo the last step whose transfers are unchanged.
   *
   * @returns that step, with the transfers that come back; undefined if there is none; `reading` if its transfers are
   * not read yet.
   */
  take(): UndoStep | 'reading' | undefined {
    const {undoSteps, size} = this.#queue;
    if (size < this.#queue.totals().total) {
      return 'reading';
    }

    for (let step = undoSteps.pop(); step !== undefined; step = undoSteps.pop()) {
      const ids = step.did === 'clear' ? this.#queue.restore(step.ids) : this.#retry(step.ids);
      if (ids.length > 0) {
        return {...step, ids};
      }
    }

    return undefined;
  }

  #retry(ids: readonly number[]): readonly number[] {
    const canceled = ids.filter(id => this.#queue.isCanceled(id));
    if (canceled.length > 0) {
      this.#queue.retry(...canceled);
    }

    return canceled;
  }
}
