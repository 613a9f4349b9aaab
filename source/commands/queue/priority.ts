/** `queue priority HOW ID...|all`: sets which transfers run first. */
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {type Priority, priorities} from '../../transfers/terms/priority.ts';
import {count} from '../format.ts';
import type {Job} from '../job.ts';
import type {Outcome} from '../results/outcome.ts';
import {order} from './order.ts';

export async function queuePriority(job: Job): Promise<Outcome> {
  const [how = '', ...inputs] = job.inputs;
  const priority = parsePriority(how);
  return order({...job, inputs}, 'all', {
    wish: which => ({do: 'priority', which, priority}),
    done: 'given another priority',
    say: ids => `${count(ids.length, 'transfer')} given ${priority} priority`,
  });
}

/** @throws JangadaError `usage`. */
function parsePriority(text: string): Priority {
  const priority = priorities.find(known => known === text);
  if (priority === undefined) {
    throw new JangadaError(
      'usage',
      `Invalid priority '${displayName(text)}'. Use ${priorities.join(', ')}, and the IDs behind it: ` +
        'jangada queue priority high 12 13',
    );
  }

  return priority;
}
