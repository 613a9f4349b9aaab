/**
 * From wanted files to fetched files: decides about conflicts, fills the queue, reports, and computes the exit status
 * from the results.
 */
import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {
  isJangadaError,
  isServerLost,
  type JangadaError,
  systemErrorCode,
  throwIfAborted,
} from '../../../protocol/errors.ts';
import {openQueueStore} from '../../transfers/database/open-queue-store.ts';
import {Queue} from '../../transfers/queue/queue.ts';
import type {OnConflict} from '../../transfers/terms/conflict-policy.ts';
import {isSettled} from '../../transfers/terms/transfer-state.ts';
import type {Options} from '../arguments/option-values.ts';
import {tellOfLink} from '../connect.ts';
import {type Again, continuation} from '../continuation.ts';
import type {Job} from '../job.ts';
import {commonOutcome, type Outcome, outcomeOf} from '../results/outcome.ts';
import {Decisions} from './decide.ts';
import {Backlog, type Batch} from './intake/backlog.ts';
import {fillBacklog} from './intake/fill-backlog.ts';
import {Intake} from './intake/intake.ts';
import {makeFolders} from './make-folders.ts';
import type {TransferReport} from './report.ts';
import {unlessStopped} from './unless-stopped.ts';
import {TransferWatch} from './watch.ts';

/** Transfers that are looked at in one turn of the event loop. */
const sliceRows = 1000;

type Find = (stop: AbortSignal) => AsyncIterable<Batch>;

type FetchOptions = {
  policy: OnConflict;
  report: TransferReport;
  /** The command of the user. */
  command: string;
  /** The command that continues after an interruption and keeps equal blocks of every local file. */
  resume: Again;
};

/**
 * Fetch the files and make the folders that `find` yields, while it yields them. The report names failures.
 *
 * @param find is aborted once no more files are needed; after that the report gets nothing.
 * @throws JangadaError the error of `find`, once all files before it are settled; `exists` if there is no user to ask.
 */
export async function fetchFiles(
  find: Find,
  job: Job,
  {policy, report, command, resume}: FetchOptions,
): Promise<Outcome> {
  const decided = {canResume: policy === 'resume' || policy === 'overwrite'};
  const {client, options, output, signal, environment} = job;
  let lost: JangadaError | undefined;
  const gaveUp = new AbortController();
  const stop = AbortSignal.any([signal, gaveUp.signal]);
  const endLink = tellOfLink(client, output);
  // Only the locks of the user's queue are used, to keep other clients away from these paths; its rows stay unchanged.
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
    const backlog = new Backlog();
    const intake = new Intake(queue);
    queue.onNotice(text => output.notice(`jangada: ${displayName(text)}`));
    using watch = new TransferWatch(queue, update => {
      report.update(update);
      intake.settled(update.settled.map(({id}) => id));
    });
    try {
      client.openAhead();
      await fill({queue, backlog, intake, policy, decided, report, job, stop}, find);
    } catch (error) {
      failure = error;
    }

    await unlessStopped(queue.idle(), stop);
    if (stop.aborted) {
      await queue.finishInHand();
    }

    queue.giveUpWaiting();
    watch.flush();
    if (lost !== undefined && !signal.aborted) {
      await leaveOpen({queue, backlog, report}, lost);
    }
  } finally {
    endLink();
    const summary = await report.end(signal.aborted, failure);
    job.json?.tell(summary);
  }

  const {onConflict} = options.written.onConflict === undefined ? {} : options;
  const same = {command, ...(onConflict === undefined ? {} : {onConflict})};
  return outcomeOfFiles({failure, lost}, job, report, decided.canResume ? resume : same);
}

type Filling = Pick<FetchOptions, 'policy' | 'report'> & {
  queue: Queue;
  backlog: Backlog;
  intake: Intake;
  /** Whether keeping equal blocks and fetching the others does what was decided about local files. */
  decided: {canResume: boolean};
  job: Job;
  stop: AbortSignal;
};

/**
 * Queue all that `find` yields while it yields it, one slice at a time.
 *
 * @throws its error, after all files before it.
 */
async function fill(filling: Filling, find: Find): Promise<void> {
  const {queue, backlog, intake, policy, decided, report, job, stop} = filling;
  report.counting = true;
  const filled = new AbortController();
  let reading: Promise<void> | undefined;
  try {
    // No file may be touched while a question may still come; an empty folder has no conflicts.
    const asks = policy === 'ask' && !(await isEmpty(job.options));
    const decisions = new Decisions(
      queue,
      policy === 'ask' && !asks ? 'fail' : policy,
      job,
      report,
    );
    const batches = find(AbortSignal.any([job.signal, filled.signal]));
    const end = AbortSignal.any([stop, filled.signal]);
    reading = fillBacklog(batches, {backlog, report, end, asks});
    // The failure is thrown below, unless another one comes first.
    reading.catch(() => {});
    if (asks) {
      await reading;
      report.counted();
      await decisions.askAbout(backlog.all());
      for (const {files} of backlog.all()) {
        report.ask(files);
      }
    }

    decided.canResume = decisions.canResume;
    for (let batch = await next(filling); batch; batch = await next(filling)) {
      const {transfers, skipped} = await decisions.decide(batch.files);
      await makeFolders(batch.folders, queue, report, job.signal);
      skipped.forEach(file => {
        report.skip(file);
      });
      queue.add(transfers);
      await intake.room(stop);
    }

    throwIfAborted(job.signal);
    if (!stop.aborted) {
      await reading;
    }
  } finally {
    filled.abort();
    await Promise.allSettled([reading]);
    report.counting = false;
  }
}

/** The next batch to queue; undefined if there is none, or no more is to be fetched. */
async function next({backlog, stop}: Filling): Promise<Batch | undefined> {
  return await unlessStopped(backlog.take(stop), stop);
}

/** Whether the target folder has no file that could cause a conflict; the list of checksums does not count. */
async function isEmpty({to, checksums}: Options): Promise<boolean> {
  try {
    return (await readdir(to)).every(name => path.join(to, name) === checksums);
  } catch (error) {
    return systemErrorCode(error) === 'ENOENT';
  }
}

/** Report each file that is not settled when the server is gone for good. */
async function leaveOpen(
  {queue, backlog, report}: Pick<Filling, 'queue' | 'backlog' | 'report'>,
  error: JangadaError,
): Promise<void> {
  for (let from = 0; from < queue.size; from += sliceRows) {
    const rows = queue.slice(from, from + sliceRows);
    await report.leave(
      rows.filter(({state}) => !isSettled(state)),
      error,
    );
  }

  for (const {files} of backlog.all()) {
    await report.leave(files, error);
  }
}

function outcomeOfFiles(
  {failure, lost}: {failure: unknown; lost: JangadaError | undefined},
  job: Job,
  {tally}: TransferReport,
  again: Again,
): Outcome {
  const left = tally.asked - tally.done - tally.failed - tally.skipped;
  if (job.signal.aborted && (left > 0 || failure !== undefined)) {
    const command = continuation(job, again);
    const message =
      tally.asked + tally.foundFolders === 0
        ? `Interrupted; no file was changed. To begin again: ${command}`
        : `Interrupted. What has arrived is kept; to go on: ${command}`;
    job.output.error(message);
    return outcomeOf('aborted', message);
  }

  // If the search lost the same server, its error adds nothing.
  const isTold = lost !== undefined && isJangadaError(failure) && isServerLost(failure.code);
  if (failure !== undefined && !isTold) {
    throw failure;
  }

  if (lost !== undefined) {
    job.output.prompt(`jangada: What has arrived is kept; to go on: ${continuation(job, again)}\n`);
  }

  return commonOutcome(tally.codes);
}
