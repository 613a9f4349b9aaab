/**
 * From files that are wanted to files that have arrived: decides about conflicts, fills the queue,
 * reports, and makes an exit status of the results.
 */
import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {isServerLost, systemErrorCode} from '../../../protocol/errors.ts';
import {openQueueStore} from '../../transfers/database/open-queue-store.ts';
import {type NewTransfer, Queue, type TransferSnapshot} from '../../transfers/queue/queue.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import type {OnConflict, Options} from '../arguments/option-values.ts';
import {type Again, continuation} from '../continuation.ts';
import {commonStatus, type ExitStatus, exitStatus} from '../exit-status.ts';
import {formatDuration} from '../format.ts';
import type {Job} from '../job.ts';
import {decide} from './decide.ts';
import type {WantedFolder} from './folder-here.ts';
import {makeFolders} from './make-folders.ts';
import type {TransferReport} from './report.ts';
import {TransferWatch} from './watch.ts';

/** Files and folders that are found together. */
export type Batch = {
  readonly files: readonly WantedFile[];
  /** Folders to make in the target folder. */
  readonly folders: readonly WantedFolder[];
};

type FetchOptions = {
  policy: OnConflict;
  report: TransferReport;
  /** The command as it was given. */
  command: string;
  /** The command that goes on after an interruption and keeps equal blocks of every local file. */
  resume: Again;
};

/** What has been decided about local files. */
type Decisions = {
  /** Whether keeping equal blocks and fetching the others does what was decided about each of them. */
  canResume: boolean;
};

/**
 * Fetch the files and make the folders of `batches` while they come. The report names failures.
 *
 * @throws JangadaError the error of `batches`, once all files before it are settled; `exists` if
 * there is nobody to ask.
 */
export async function fetchFiles(
  batches: AsyncIterable<Batch>,
  job: Job,
  {policy, report, command, resume}: FetchOptions,
): Promise<ExitStatus> {
  const decisions = {canResume: policy === 'resume' || policy === 'overwrite'};
  const {client, options, output, signal, environment} = job;
  const lost = new AbortController();
  const stop = AbortSignal.any([signal, lost.signal]);
  const endLink = client.onLink(link => {
    if (link.name === 'waiting') {
      output.notice(`jangada: ${link.reason}. Trying again in ${formatDuration(link.retryInMs)}`);
    }
  });
  // The user's queue stays as it is: its database only keeps other clients away from these places.
  using locks = openQueueStore(environment).store;
  let failure: unknown;
  try {
    const {connections, files} = options;
    const checksums = options.checksums !== undefined;
    await using queue = new Queue({client, connections, files, locks, checksums});
    using watch = new TransferWatch(queue, update => {
      report.update(update);
      if (update.settled.some(isLost)) {
        lost.abort();
      }
    });
    try {
      await fill(queue, batches, policy, decisions, report, job, stop);
    } catch (error) {
      failure = error;
    }

    await stoppable(queue.idle(), stop);
    if (signal.aborted) {
      await queue.finishInHand();
    }

    queue.giveUpWaiting();
    watch.flush();
  } finally {
    endLink();
    await report.end(signal.aborted, failure);
  }

  const {onConflict} = options.written.onConflict === undefined ? {} : options;
  const same = {command, ...(onConflict === undefined ? {} : {onConflict})};
  return outcome(failure, job, report, decisions.canResume ? resume : same);
}

async function fill(
  queue: Queue,
  batches: AsyncIterable<Batch>,
  policy: OnConflict,
  decisions: Decisions,
  report: TransferReport,
  job: Job,
  stop: AbortSignal,
): Promise<void> {
  report.counting = true;
  try {
    // No file may be touched while a question may still come; an empty folder has no conflicts.
    const asks = policy === 'ask' && !(await isEmpty(job.options));
    const decided = policy === 'ask' && !asks ? 'fail' : policy;
    for await (const {files, folders} of asks ? together(batches, report) : batches) {
      const {transfers, skipped} = await decide(files, queue, decided, job);
      if (policy === 'ask') {
        decisions.canResume = skipped.length === 0 && transfers.every(isResumed);
      }

      await makeFolders(folders, queue, report, job.signal);
      skipped.forEach(file => {
        report.skip(file);
      });
      report.ask(transfers);
      queue.add(transfers);
      if (stop.aborted) {
        return;
      }
    }
  } finally {
    report.counting = false;
  }
}

/** Whether no file is here, or what is fetched takes its place. */
function isResumed({onConflict}: NewTransfer): boolean {
  return onConflict === 'fail' || onConflict === 'resume' || onConflict === 'overwrite';
}

/**
 * Whether the target folder has no file that could be in the way; the list of checksums does
 * not count.
 */
async function isEmpty({to, checksums}: Options): Promise<boolean> {
  try {
    return (await readdir(to)).every(name => path.join(to, name) === checksums);
  } catch (error) {
    return systemErrorCode(error) === 'ENOENT';
  }
}

async function* together(
  batches: AsyncIterable<Batch>,
  report: TransferReport,
): AsyncGenerator<Batch> {
  const files: WantedFile[] = [];
  const folders: WantedFolder[] = [];
  let bytes = 0;
  for await (const batch of batches) {
    files.push(...batch.files);
    folders.push(...batch.folders);
    bytes += batch.files.reduce((sum, {size = 0}) => sum + size, 0);
    report.count(files.length, bytes);
  }

  report.counted();
  yield {files, folders};
}

/** Resolves with `work`, or as soon as `signal` is aborted. */
async function stoppable(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const onAbort = () => stopped.resolve();
  signal.addEventListener('abort', onAbort);
  if (!signal.aborted) {
    await Promise.race([work, stopped.promise]);
  }

  signal.removeEventListener('abort', onAbort);
}

/** Whether the server is gone for good: every other transfer would fail the same way. */
function isLost({state}: TransferSnapshot): boolean {
  return state.name === 'failed' && isServerLost(state.code);
}

function outcome(failure: unknown, job: Job, {tally}: TransferReport, again: Again): ExitStatus {
  const left = tally.asked - tally.done - tally.failed - tally.skipped;
  const status = commonStatus(tally.statuses);
  if (job.signal.aborted && (left > 0 || failure !== undefined)) {
    const command = continuation(job, again);
    job.output.error(
      tally.asked + tally.foundFolders === 0
        ? `Interrupted, and nothing was touched. To begin again: ${command}`
        : `Interrupted. What has arrived is kept; to go on: ${command}`,
    );
    return exitStatus.interrupted;
  }

  if (failure !== undefined) {
    throw failure;
  }

  if (left > 0) {
    job.output.error(
      `${left} more not fetched. What has arrived is kept; to go on: ${continuation(job, again)}`,
    );
  }

  return status;
}
