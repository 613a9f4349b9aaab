/** `queue move ID N`: N places back among those of its priority, or with a negative N to the front. */
import {type ExitStatus, exitStatus} from '../exit-status.ts';
import type {Job} from '../job.ts';
import {parseId, parsePlaces} from './ids.ts';
import {inStore} from './in-store.ts';

export async function queueMove(job: Job): Promise<ExitStatus> {
  const {inputs, options, output} = job;
  const id = parseId(inputs[0] ?? '');
  const by = parsePlaces(inputs[1] ?? '');
  return inStore(job, async store => {
    const moved = store.move(id, by);
    if (moved === undefined) {
      output.error(
        `There is no transfer ${id} in the queue. jangada queue list shows what there is`,
      );
      return exitStatus.failed;
    }

    const {place, of, priority} = moved;
    await output.result(
      options.json
        ? `${JSON.stringify({id, place, of, priority})}\n`
        : `Transfer ${id} is now ${place} of ${of} with ${priority} priority\n`,
    );
    return exitStatus.done;
  });
}
