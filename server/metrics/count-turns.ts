import type {Turns} from '../waiting/long-work.ts';
import type {JobCounts} from './counts.ts';

/** Wrap `turns` so that `counts` has the number of waiting and of running turns. */
export function countTurns(turns: Turns, counts: JobCounts): Turns {
  return {
    async enter(key, signal) {
      counts.waiting++;
      const leave = await turns.enter(key, signal).finally(() => {
        counts.waiting--;
      });
      counts.running++;
      let hasLeft = false;
      return () => {
        counts.running -= hasLeft ? 0 : 1;
        hasLeft = true;
        leave();
      };
    },
  };
}
