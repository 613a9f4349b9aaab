import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import type {Conflict, NewTransfer, Queue} from '../../transfers/queue/queue.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import type {OnConflict} from '../arguments/option-values.ts';
import type {Job} from '../job.ts';
import {askAboutConflicts, type ConflictAnswer} from './conflict-question.ts';

type Decided = {
  transfers: NewTransfer[];
  /** Files that are left out: they exist, and the answer is to skip them. */
  skipped: WantedFile[];
};

/** Conflicts that are named one by one when nobody can be asked. */
const mostNamed = 20;

/**
 * Decide about each file by the policy of the command line, asking if it says so. Touches no file.
 *
 * @throws JangadaError `exists` if there is a question and nobody to answer it.
 */
export async function decide(
  wanted: readonly WantedFile[],
  queue: Queue,
  policy: OnConflict | 'fail',
  job: Job,
): Promise<Decided> {
  if (policy !== 'ask' && policy !== 'skip') {
    return {transfers: wanted.map(file => ({...file, onConflict: policy})), skipped: []};
  }

  // A file that appears later makes its transfer fail: it is not touched.
  const transfers = wanted.map((file): NewTransfer => ({...file, onConflict: 'fail'}));
  const conflicts = await queue.conflicts(transfers);
  const given =
    policy === 'skip' ? conflicts.map(() => 'skip' as const) : await ask(conflicts, job);
  return apply(transfers, conflicts, given);
}

async function ask(conflicts: readonly Conflict[], job: Job): Promise<ConflictAnswer[]> {
  if (conflicts.length === 0) {
    return [];
  }

  if (job.answers !== undefined) {
    return askAboutConflicts(conflicts, job.output, job.answers, job.signal);
  }

  for (const {transfer} of conflicts.slice(0, mostNamed)) {
    job.output.error(`${displayName(transfer.localPath)} exists`);
  }

  const rest = conflicts.length - mostNamed;
  throw new JangadaError(
    'exists',
    `${rest > 0 ? `${rest} more exist. ` : ''}Nothing was touched. Say what to do with ` +
      '--on-conflict overwrite, newer, rename, skip or resume',
  );
}

function apply(
  transfers: readonly NewTransfer[],
  conflicts: readonly Conflict[],
  given: readonly ConflictAnswer[],
): Decided {
  const answers = new Map(conflicts.map(({transfer}, at) => [transfer.localPath, given[at]]));
  const decided: Decided = {transfers: [], skipped: []};
  for (const transfer of transfers) {
    const onConflict = answers.get(transfer.localPath);
    if (onConflict === 'skip') {
      decided.skipped.push(transfer);
    } else {
      decided.transfers.push(onConflict === undefined ? transfer : {...transfer, onConflict});
    }
  }

  return decided;
}
