import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {isNewer} from '../../transfers/download/settle-conflict.ts';
import type {Conflict, ConflictPolicy, NewTransfer, Queue} from '../../transfers/queue/queue.ts';
import type {OnConflict} from '../../transfers/terms/conflict-policy.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import type {Job} from '../job.ts';
import {askAboutConflicts, type ConflictAnswer} from './conflict-question.ts';
import type {Batch} from './intake/backlog.ts';

type Decided = {
  transfers: NewTransfer[];
  /** Files that are left out: they exist, and the answer is to skip them. */
  skipped: WantedFile[];
};

/** Conflicts that are named one by one when nobody can be asked. */
const mostNamed = 20;

/** Decides about each file that is found, by the policy of the command line. Touches no file. */
export class Decisions {
  readonly #queue: Queue;
  readonly #policy: OnConflict | 'fail';
  readonly #job: Job;
  /** Answers of the user by local path. */
  readonly #answers = new Map<string, ConflictAnswer>();

  constructor(queue: Queue, policy: OnConflict | 'fail', job: Job) {
    this.#queue = queue;
    this.#policy = policy;
    this.#job = job;
  }

  /**
   * Ask the user about all files of `batches` that are in the way of another.
   *
   * @throws JangadaError `exists` if there is a question and nobody to answer it.
   */
  async askAbout(batches: Iterable<Batch>): Promise<void> {
    const conflicts: Conflict[] = [];
    for (const {files} of batches) {
      conflicts.push(...(await this.#queue.conflicts(files.map(unlessThere))));
    }

    const given = await ask(conflicts, this.#job);
    for (const [at, {transfer}] of conflicts.entries()) {
      this.#answers.set(transfer.localPath, given[at] ?? 'skip');
    }
  }

  /** Whether `resume` does what was decided about every local file: keep equal blocks, fetch others. */
  get canResume(): boolean {
    return this.#policy === 'ask'
      ? [...this.#answers.values()].every(doesSame)
      : doesSame(this.#policy);
  }

  /** Files that exist are left out where what the search has told of them is enough to say so. */
  async decide(wanted: readonly WantedFile[]): Promise<Decided> {
    const policy = this.#policy;
    if (policy === 'ask') {
      return apply(wanted.map(unlessThere), this.#answers);
    }

    const onConflict = policy === 'skip' ? 'fail' : policy;
    if (policy !== 'skip' && policy !== 'newer') {
      return {transfers: wanted.map(file => transferOf(file, onConflict)), skipped: []};
    }

    const isLeft =
      policy === 'skip' ? await this.#queue.areTaken(wanted) : await this.#areLeft(wanted);
    const decided: Decided = {transfers: [], skipped: []};
    for (const [index, file] of wanted.entries()) {
      if (isLeft[index]) {
        decided.skipped.push(file);
      } else {
        decided.transfers.push(transferOf(file, onConflict));
      }
    }

    return decided;
  }

  /** Whether `newer` leaves the file that is here. For one that has to have a certain content it is not enough to be old. */
  async #areLeft(wanted: readonly WantedFile[]): Promise<boolean[]> {
    const inTheWay = await this.#queue.inTheWay(wanted);
    return wanted.map(({mtimeMs, expect}, index) => {
      const here = inTheWay[index];
      const isPlain = here !== undefined && mtimeMs !== undefined && expect === undefined;
      return isPlain && !isNewer(mtimeMs, here.mtimeMs);
    });
  }
}

/** `fail`: no local file was there to decide about. */
function doesSame(answer: ConflictAnswer | OnConflict | 'fail'): boolean {
  return answer === 'fail' || answer === 'resume' || answer === 'overwrite';
}

/** A file that appears later makes its transfer fail: it is not touched. */
function unlessThere(file: WantedFile): NewTransfer {
  return transferOf(file, 'fail');
}

/** The time of a file is of use only to decide. */
function transferOf({mtimeMs: _, ...file}: WantedFile, onConflict: ConflictPolicy): NewTransfer {
  return {...file, onConflict};
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
  answers: ReadonlyMap<string, ConflictAnswer>,
): Decided {
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
