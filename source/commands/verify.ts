/** `verify FILE...`: local copies against the server's, block by block, or against a list. */
import {serverName} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {type ErrorCode, JangadaError} from '../../protocol/errors.ts';
import {pathToWire} from '../../protocol/remote-path.ts';
import {openQueueStore} from '../transfers/database/open-queue-store.ts';
import type {QueueStore} from '../transfers/database/queue-store.ts';
import {type VerifyReport, verifyFile} from '../transfers/download/verify.ts';
import {Verdicts} from '../transfers/queue/queue.ts';
import {filePath} from './arguments/remote-argument.ts';
import {verifyList} from './checksums/verify-list.ts';
import {connect} from './connect.ts';
import {named} from './errors/named-error.ts';
import type {Job} from './job.ts';
import {Activity} from './progress/activity.ts';
import {commonOutcome, type Outcome} from './results/outcome.ts';
import {type Compared, compareCopies, type NamedFile, ofOneFile} from './verify/compare-copies.ts';
import type {LocalCopy} from './verify/local-copy.ts';
import {repair} from './verify/repair.ts';
import {documentOf, expectingLine} from './verify/verify-lines.ts';

/** `store`: undefined if the queue cannot be opened. */
type Known = {store: QueueStore | undefined; verdicts: Verdicts};

export async function verify(job: Job): Promise<Outcome> {
  const {client, inputs, options, output, json, signal, environment} = job;
  refuseSeveral(job);
  if (options.checksums !== undefined) {
    return verifyList(options.checksums, job);
  }

  const files = inputs.map(name => ({name, remotePath: filePath(options.server.path, name)}));
  await connect(client, signal);
  using store = openQueueStore(environment).store;
  using verdicts = new Verdicts(store?.verdicts, serverName(client.address));
  const known = {store, verdicts};
  const codes = new Set<ErrorCode>();
  const stop = new AbortController();
  const stopping = {...job, signal: AbortSignal.any([signal, stop.signal])};
  using activity = new Activity(output);
  for await (const compared of compareCopies(files, stopping, activity)) {
    const code = await tell(compared, job, known, activity);
    if (code !== undefined) {
      codes.add(code);
    }

    if (output.closed.aborted) {
      stop.abort();
      break;
    }
  }

  await json?.close();
  return commonOutcome(codes);
}

/** One expected content belongs to one file. @throws JangadaError `usage`. */
function refuseSeveral({inputs, options}: Job): void {
  if (options.expect !== undefined && (inputs.length !== 1 || options.checksums !== undefined)) {
    throw new JangadaError(
      'usage',
      '--expect checks one FILE: leave out --checksums and the other files',
    );
  }
}

/**
 * Print the result, after repairing a copy that differs if that is asked for.
 *
 * @returns the code for a file that is still wrong.
 */
async function tell(
  compared: Compared,
  job: Job,
  known: Known,
  activity: Activity,
): Promise<ErrorCode | undefined> {
  if ('error' in compared) {
    return await tellError(compared, compared.error, job);
  }

  const {output, json, options} = job;
  const {name, remotePath, copy} = compared;
  try {
    remember(copy, compared.report, known);
    const {report, repaired} = await repairIfAsked(compared, job, known, activity);
    activity.clear();
    const line = expectingLine(name, report, repaired, options.expect);
    await (json === undefined
      ? output.quiet || output.result(`${line}\n`)
      : json.add([documentOf(report, repaired)]));
    if (report.equal && report.expected !== false) {
      return undefined;
    }

    json?.differs(line);
    return report.equal ? 'unexpected' : 'differs';
  } catch (error) {
    return await tellError({name, remotePath}, ofOneFile(error), job);
  }
}

async function tellError(
  {name, remotePath}: NamedFile,
  error: JangadaError,
  {json, output}: Job,
): Promise<ErrorCode> {
  const told = named(error, name);
  const message = told instanceof Error ? told.message : error.message;
  output.error(displayName(message));
  await json?.add([{path: pathToWire(remotePath), error: {code: error.code, message}}]);
  return error.code;
}

async function repairIfAsked(
  {copy, report}: {copy: LocalCopy; report: VerifyReport},
  job: Job,
  known: Known,
  activity: Activity,
): Promise<{report: VerifyReport; repaired: number | undefined}> {
  const {client, options, signal} = job;
  // A copy that has the expected content must not get blocks of a server that does not have it.
  if (report.equal || report.expected === true || !options.repair) {
    return {report, repaired: undefined};
  }

  await repair(copy, job, known.store);
  const {name, remotePath, file} = copy;
  const again = await verifyFile(client, remotePath, file, {
    ...{signal, expect: options.expect},
    onProgress: ({doneBytes, totalBytes}) =>
      activity.show('comparing', name, doneBytes, totalBytes),
  });
  remember(copy, again, known);
  return {report: again, repaired: report.bad + report.missing};
}

/** Remember the verdict, so that the full screen need not read the file again. */
function remember({file, remotePath}: LocalCopy, report: VerifyReport, {verdicts}: Known): void {
  const {compared, equal} = report;
  if (compared !== undefined) {
    verdicts.remember(file, {...compared, remotePath, equal});
  }
}
