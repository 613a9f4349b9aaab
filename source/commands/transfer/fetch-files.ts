/**
 * From files that are wanted to files that have arrived: decides about conflicts, fills the queue,
 * reports, and makes an exit status of the results.
 */
import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {
  isJangadaError,
  isServerLost,
  type JangadaError,
  systemErrorCode,
} from '../../../protocol/errors.ts';
import {openQueueStore} from '../../transfers/database/open-queue-store.ts';
import {Queue} from '../../transfers/queue/queue.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import {isSettled} from '../../transfers/terms/transfer-state.ts';
import type {OnConflict, Options} from '../arguments/option-values.ts';
import {tellOfLink} from '../connect.ts';
import {continuation} from '../continuation.ts';
import type {Job} from '../job.ts';
import {commonOutcome, type Outcome, outcomeOf} from '../outcome.ts';
import {decide} from './decide.ts';
import type {WantedFolder} from './folder-here.ts';
import {makeFolders} from './make-folders.ts';
import type {TransferReport} from './report.ts';
import {TransferWatch} from './watch.ts';

/** Transfers that are looked at in one turn. */
const sliceRows = 1000;

/** Files and folders that are found together. */
export type Batch = {
  readonly files: readonly WantedFile[];
  /** Folders to make in the target folder. */
  readonly folders: readonly WantedFolder[];
};

type FetchOptions = {
  policy: OnConflict;
  report: TransferReport;
  /** The command that goes on after an interruption. */
  again: {command: string; onConflict?: 'resume'};
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
  {policy, report, again}: FetchOptions,
): Promise<Outcome> {
  const {client, options, output, signal, environment} = job;
  let lost: JangadaError | undefined;
  const gaveUp = new AbortController();
  const stop = AbortSignal.any([signal, gaveUp.signal]);
  const endLink = tellOfLink(client, output);
  // The user's queue stays as it is: its database only keeps other clients away from these places.
  using locks = openQueueStore(environment).store;
  let failure: unknown;
  try {
    const {connections, files} = options;
    const checksums = options.checksums !== undefined;
    const onLost = (error: JangadaError) => {
      lost ??= error;
      gaveUp.abort();
    };
    await using queue = new Queue({client, connections, files, locks, checksums, onLost});
    using watch = new TransferWatch(queue, update => report.update(update));
    try {
      await fill(queue, batches, policy, report, job, stop);
    } catch (error) {
      failure = error;
    }

    await stoppable(queue.idle(), stop);
    if (stop.aborted) {
      await queue.finishInHand();
    }

    queue.giveUpWaiting();
    watch.flush();
    if (lost !== undefined && !signal.aborted) {
      await leaveOpen(queue, report, lost);
    }
  } finally {
    endLink();
    const summary = await report.end(signal.aborted, failure);
    job.json?.tell(summary);
  }

  return outcomeOfFiles({failure, lost}, job, report, again);
}

async function fill(
  queue: Queue,
  batches: AsyncIterable<Batch>,
  policy: OnConflict,
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

/** Report each transfer that is not over: the server is gone for good. */
async function leaveOpen(queue: Queue, report: TransferReport, error: JangadaError): Promise<void> {
  for (let from = 0; from < queue.size; from += sliceRows) {
    const rows = queue.slice(from, from + sliceRows);
    await report.leave(
      rows.filter(({state}) => !isSettled(state)),
      error,
    );
  }
}

function outcomeOfFiles(
  {failure, lost}: {failure: unknown; lost: JangadaError | undefined},
  job: Job,
  {tally}: TransferReport,
  again: FetchOptions['again'],
): Outcome {
  const left = tally.asked - tally.done - tally.failed - tally.skipped;
  if (job.signal.aborted && (left > 0 || failure !== undefined)) {
    job.output.error(
      `Interrupted. What has arrived is kept; to go on: ${continuation(job, again)}`,
    );
    return outcomeOf('aborted');
  }

  // A search that lost the same server has nothing to add.
  const isTold = lost !== undefined && isJangadaError(failure) && isServerLost(failure.code);
  if (failure !== undefined && !isTold) {
    throw failure;
  }

  if (lost !== undefined) {
    job.output.error(`What has arrived is kept; to go on: ${continuation(job, again)}`);
  }

  return commonOutcome(tally.codes);
}
