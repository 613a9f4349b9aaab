/** Steps that can be taken back: transfers that were cleared or canceled while this program runs. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {Queue} from '../../../transfers/queue/queue.ts';

export type UndoStep =
  | {readonly did: 'clear'; readonly ids: readonly number[]}
  | {
      readonly did: 'cancel';
      readonly id: number;
      readonly name: DisplayText;
      /** Bytes that were deleted with it. */
      readonly deletedBytes: number;
    };

const mostSteps = 100;

type SteeredQueue = Pick<Queue, 'restore' | 'retry' | 'transfer' | 'totals'>;

export class Undo {
  readonly #queue: SteeredQueue;
  readonly #steps: UndoStep[] = [];

  constructor(queue: SteeredQueue) {
    this.#queue = queue;
  }

  did(step: UndoStep): void {
    this.#steps.push(step);
    this.#steps.splice(0, this.#steps.length - mostSteps);
  }

  /** Take the last step back that is still as it was. @returns that step; undefined if there is none. */
  take(): UndoStep | undefined {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      if (step.did === 'clear') {
        this.#queue.restore(step.ids);
        return step;
      }

      if (this.#isCanceled(step.id)) {
        this.#queue.retry(step.id);
        return step;
      }
    }

    return undefined;
  }

  #isCanceled(id: number): boolean {
    const state = this.#queue.transfer(id)?.state.name;
    // Another process that works here may still have to hear of it: it hears of this behind it.
    const isWished = this.#queue.totals().worker !== undefined && state !== 'done';
    return state === 'canceled' || (state !== undefined && isWished);
  }
}
