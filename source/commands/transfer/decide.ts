import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {isNewer} from '../../transfers/download/settle-conflict.ts';
import type {Conflict, ConflictPolicy, NewTransfer, Queue} from '../../transfers/queue/queue.ts';
import type {OnConflict} from '../../transfers/terms/conflict-policy.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import type {Job} from '../job.ts';
import {askAboutConflicts, type ConflictAnswer} from './conflict-question.ts';
import type {Batch} from './intake/backlog.ts';
import type {TransferReport} from './report.ts';

type Decided = {
  transfers: NewTransfer[];
  /** Files that are left out, because they exist and the answer is to skip them. */
  skipped: WantedFile[];
};

/** At most so many existing files are named when no user can be asked. */
const mostNamed = 20;

/** Decides about each file that is found, by the policy of the command line. Touches no file. */
export class Decisions {
  readonly #queue: Queue;
  readonly #policy: OnConflict | 'fail';
  readonly #job: Job;
  readonly #report: TransferReport;
  /** Answers of the user by local path. */
  readonly #answers = new Map<string, ConflictAnswer>();

  constructor(queue: Queue, policy: OnConflict | 'fail', job: Job, report: TransferReport) {
    this.#queue = queue;
    this.#policy = policy;
    this.#job = job;
    this.#report = report;
  }

  /**
   * Ask the user about all files of `batches` whose local path is taken.
   *
   * @throws JangadaError `exists` if there is a question and no user to answer it.
   */
  async askAbout(batches: Iterable<Batch>): Promise<void> {
    const conflicts: Conflict[] = [];
    for (const {files} of batches) {
      conflicts.push(...(await this.#queue.conflicts(files.map(unlessThere))));
    }

    const given = await this.#ask(conflicts);
    for (const [at, {transfer}] of conflicts.entries()) {
      this.#answers.set(transfer.localPath, given[at] ?? 'skip');
    }
  }

  async #ask(conflicts: readonly Conflict[]): Promise<ConflictAnswer[]> {
    try {
      return await ask(conflicts, this.#job);
    } catch (error) {
      if (isJangadaError(error, 'exists')) {
        const files = conflicts.map(({transfer}) => transfer);
        await this.#report.stoppedBy(files, {code: 'exists', message: 'it exists here'});
      }

      throw error;
    }
  }

  /** Whether `resume` does what was decided about every local file: keep equal blocks, fetch the others. */
  get canResume(): boolean {
    return this.#policy === 'ask'
      ? [...this.#answers.values()].every(doesSame)
      : doesSame(this.#policy);
  }

  /** Leaves out files that exist, where the facts from the search are enough to decide that. */
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

  /** Whether `newer` leaves the local file. If the file has an expected content, its time does not decide. */
  async #areLeft(wanted: readonly WantedFile[]): Promise<boolean[]> {
    const inTheWay = await this.#queue.inTheWay(wanted);
    return wanted.map(({mtimeMs, expect}, index) => {
      const here = inTheWay[index];
      const isPlain = here !== undefined && mtimeMs !== undefined && expect === undefined;
      return isPlain && !isNewer(mtimeMs, here.mtimeMs);
    });
  }
}

/** `fail`: there was no local file to decide about. */
function doesSame(answer: ConflictAnswer | OnConflict | 'fail'): boolean {
  return answer === 'fail' || answer === 'resume' || answer === 'overwrite';
}

/** If a file appears at this path later, the transfer fails and does not touch it. */
function unlessThere(file: WantedFile): NewTransfer {
  return transferOf(file, 'fail');
}

/** The modification time is used only to decide. */
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

  throw new JangadaError(
    'exists',
    `${whichExist(conflicts)}. No file was changed. Say what to do with ` +
      '--on-conflict overwrite, newer, rename, skip or resume',
  );
}

/** `a, b and c exist`. */
function whichExist(conflicts: readonly Conflict[]): string {
  const named = conflicts.slice(0, mostNamed).map(({transfer}) => displayName(transfer.localPath));
  const rest = conflicts.length - named.length;
  const last = rest > 0 ? `${rest} more` : named.pop();
  return named.length === 0 ? `${last} exists` : `${named.join(', ')} and ${last} exist`;
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
