/** `queue priority HOW ID...|all`: what has a higher priority runs before what has a lower one. */
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import type {StoredState} from '../../transfers/database/stored-transfer.ts';
import {type Priority, priorities} from '../../transfers/terms/priority.ts';
import type {ExitStatus} from '../exit-status.ts';
import {count} from '../format.ts';
import type {Job} from '../job.ts';
import {order} from './order.ts';

/** What is over runs no more, whatever its priority. */
const toCome: readonly StoredState[] = ['queued', 'running', 'paused', 'failed'];

export async function queuePriority(job: Job): Promise<ExitStatus> {
  const [how = '', ...inputs] = job.inputs;
  const priority = parsePriority(how);
  return order({...job, inputs}, 'all', {
    from: toCome,
    give: (store, ids) => store.prioritize(ids, priority, toCome),
    isSo: () => false,
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
      `'${displayName(text)}' is no priority. Write ${priorities.join(', ')}, and the IDs behind it: ` +
        'jangada queue priority high 12 13',
    );
  }

  return priority;
}
