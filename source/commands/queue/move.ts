/** `queue move ID N`: moves a transfer N places back among those of its priority, or with a negative N to the front. */
import type {Job} from '../job.ts';
import {allDone, type Outcome, outcomeOf} from '../results/outcome.ts';
import {parseId, parsePlaces} from './ids.ts';
import {inStore} from './in-store.ts';
import {tell} from './order.ts';

export async function queueMove(job: Job): Promise<Outcome> {
  const {inputs, output, json} = job;
  const id = parseId(inputs[0] ?? '');
  const by = parsePlaces(inputs[1] ?? '');
  return inStore(job, async store => {
    const [server] = store.byServer([id]).keys();
    if (server === undefined) {
      const message = `The queue has no transfer ${id}. Run jangada queue list to see the transfers`;
      output.error(message);
      return outcomeOf('not_found', message);
    }

    const answer = await tell(store, server, {do: 'move', id, by}, job);
    const priority = store.read([id])[0]?.priority;
    const {place, of} = answer ?? {};
    json?.tell({id, place, of, priority, ...(answer === undefined ? {pending: true} : {})});
    if (json === undefined && place !== undefined && of !== undefined) {
      await output.result(`Transfer ${id} is now ${place} of ${of} with ${priority} priority\n`);
    }

    return allDone;
  });
}
