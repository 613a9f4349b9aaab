/** The turns of long work that needs a thread: their limits hold over all folders that a server serves. */
import {FairQueue} from './fair-queue.ts';

export type Turns = Pick<FairQueue, 'enter'>;

export type LongWork = {
  readonly searches: Turns;
  readonly hashJobs: Turns;
};

/** Turns that this process gives. The keys are addresses of clients. */
export function ownLongWork(): LongWork {
  return {
    searches: new FairQueue({total: 4, perKey: 2}),
    // Threads take several at once.
    hashJobs: new FairQueue({total: Number.POSITIVE_INFINITY, perKey: 2}),
  };
}
