/** The turns of long work that needs a thread; the limits apply to all folders of a server together. */
import {FairQueue} from './fair-queue.ts';

export type Turns = Pick<FairQueue, 'enter'>;

export type LongWork = {
  readonly searches: Turns;
  readonly hashJobs: Turns;
};

/** Turns of this process. The keys are addresses of clients. */
export function ownLongWork(): LongWork {
  return {
    searches: new FairQueue({total: 4, perKey: 2}),
    // No limit in all: a thread takes several jobs at once.
    hashJobs: new FairQueue({total: Number.POSITIVE_INFINITY, perKey: 2}),
  };
}
