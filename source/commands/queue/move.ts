/** `queue move ID N`: N places back among those of its priority, or with a negative N to the front. */
import {type ExitStatus, exitStatus} from '../exit-status.ts';
import type {Job} from '../job.ts';
import {parseId, parsePlaces} from './ids.ts';
import {inStore} from './in-store.ts';
import {tell} from './order.ts';

export async function queueMove(job: Job): Promise<ExitStatus> {
  const {inputs, options, output} = job;
  const id = parseId(inputs[0] ?? '');
  const by = parsePlaces(inputs[1] ?? '');
  return inStore(job, async store => {
    const [server] = store.byServer([id]).keys();
    if (server === undefined) {
      output.error(
        `There is no transfer ${id} in the queue. jangada queue list shows what there is`,
      );
      return exitStatus.failed;
    }

    const answer = await tell(store, server, {do: 'move', id, by}, job);
    const priority = store.read([id])[0]?.priority;
    const {place, of} = answer ?? {};
    if (place !== undefined && of !== undefined) {
      await output.result(
        options.json
          ? `${JSON.stringify({id, place, of, priority})}\n`
          : `Transfer ${id} is now ${place} of ${of} with ${priority} priority\n`,
      );
    }

    return exitStatus.done;
  });
}
