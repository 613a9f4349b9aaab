/** `verify FILE...`: local copies against the server's, block by block, or against a list. */
import {stat} from 'node:fs/promises';
import path from 'node:path';
import {serverName} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {aborted, type ErrorCode, isServerLost, JangadaError} from '../../protocol/errors.ts';
import {baseName, pathToWire, type RemotePath} from '../../protocol/remote-path.ts';
import {openQueueStore} from '../transfers/database/open-queue-store.ts';
import type {QueueStore} from '../transfers/database/queue-store.ts';
import {localName} from '../transfers/disk/local-name.ts';
import {leftWithoutRoom} from '../transfers/disk/room.ts';
import {type VerifyReport, verifyFile} from '../transfers/download/verify.ts';
import {Queue, Verdicts} from '../transfers/queue/queue.ts';
import {type ExpectedContent, formatExpectedContent} from '../transfers/terms/expected-content.ts';
import {waitsForRoom} from '../transfers/terms/transfer-state.ts';
import {filePath} from './arguments/remote-argument.ts';
import {verifyList} from './checksums/verify-list.ts';
import {connect} from './connect.ts';
import {named} from './errors/named-error.ts';
import {count, formatRanges} from './format.ts';
import type {Job} from './job.ts';
import {Activity} from './progress/activity.ts';
import {commonOutcome, type Outcome} from './results/outcome.ts';

/** A file that was named, and its local copy: the folder it is in and its path below that. */
type Copy = {name: string; remotePath: RemotePath; localPath: string; file: string};

/** `store`: undefined if there can be none. */
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
  for (const {name, remotePath} of files) {
    try {
      const copy = await findCopy(name, remotePath, options.to);
      const {report, repaired} = await compare(copy, job, known);
      const line = expectingLine(name, report, repaired, options.expect);
      await (json === undefined
        ? output.quiet || output.result(`${line}\n`)
        : json.add([documentOf(report, repaired)]));
      if (!report.equal) {
        codes.add('differs');
      } else if (report.expected === false) {
        codes.add('unexpected');
      }
    } catch (error) {
      if (
        !(error instanceof JangadaError) ||
        error.code === 'aborted' ||
        isServerLost(error.code)
      ) {
        throw error;
      }

      const told = named(error, name);
      const message = told instanceof Error ? told.message : error.message;
      output.error(displayName(message));
      await json?.add([{path: pathToWire(remotePath), error: {code: error.code, message}}]);
      codes.add(error.code);
    }

    if (output.closed.aborted) {
      break;
    }
  }

  await json?.close();
  return commonOutcome(codes);
}

/** One content can be that of one file alone. @throws JangadaError `usage`. */
function refuseSeveral({inputs, options}: Job): void {
  if (options.expect !== undefined && (inputs.length !== 1 || options.checksums !== undefined)) {
    throw new JangadaError(
      'usage',
      '--expect is about one FILE: leave out --checksums, and the others',
    );
  }
}

/** @throws JangadaError `local_io` if there is none. */
async function findCopy(name: string, remotePath: RemotePath, folder: string): Promise<Copy> {
  for (const localPath of [name, baseName(name)]) {
    const file = path.join(folder, ...localPath.split('/').map(part => localName(part)));
    if (await exists(file)) {
      return {name, remotePath, localPath, file};
    }
  }

  throw new JangadaError(
    'local_io',
    `${displayName(name)}: there is no local copy in ${displayName(folder)}`,
  );
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}

async function compare(
  copy: Copy,
  job: Job,
  known: Known,
): Promise<{report: VerifyReport; repaired: number | undefined}> {
  const report = await compareOnce(copy, job, known);
  // A copy that has what was expected must not get the blocks of a server that does not.
  if (report.equal || report.expected === true || !job.options.repair) {
    return {report, repaired: undefined};
  }

  await repair(copy, job, known);
  const again = await compareOnce(copy, job, known);
  return {report: again, repaired: report.bad + report.missing};
}

async function compareOnce(
  {name, remotePath, file}: Copy,
  {client, options, output, signal}: Job,
  {verdicts}: Known,
): Promise<VerifyReport> {
  using activity = new Activity(output);
  const report = await verifyFile(client, remotePath, file, {
    signal,
    expect: options.expect,
    onProgress: ({doneBytes, totalBytes}) =>
      activity.show('comparing', name, doneBytes, totalBytes),
  });
  if (report.compared !== undefined) {
    // The full screen need not read the file again to say so.
    verdicts.remember(file, {...report.compared, remotePath, equal: report.equal});
  }

  return report;
}

/** Fetch the blocks that differ. @throws JangadaError why they could not be fetched. */
async function repair(
  {name, remotePath, localPath}: Copy,
  job: Job,
  {store}: Known,
): Promise<void> {
  const {client, options, output, signal} = job;
  await using queue = new Queue({client, connections: options.connections, locks: store});
  using activity = new Activity(output);
  const {to: folder, expect} = options;
  const [id] = queue.add([{remotePath, folder, localPath, onConflict: 'resume', expect}]);
  const ended = Promise.withResolvers<void>();
  const look = () => {
    const row = id === undefined ? undefined : queue.transfer(id);
    if (row?.state.name === 'done') {
      ended.resolve();
    } else if (row?.state.name === 'failed') {
      ended.reject(new JangadaError(row.state.code, row.state.reason));
    } else if (row !== undefined && waitsForRoom(row.state)) {
      ended.reject(new JangadaError('no_space', leftWithoutRoom(row.state.noRoom)));
    } else if (row !== undefined) {
      activity.show('repairing', name, row.verifiedBytes, row.size);
    }
  };
  const stop = () => ended.reject(aborted());
  const unsubscribe = queue.subscribe(look);
  signal.addEventListener('abort', stop);
  try {
    await ended.promise;
  } finally {
    signal.removeEventListener('abort', stop);
    unsubscribe();
  }
}

/** `NAME: verified, 8 blocks` or `NAME: differs, 1 of 8 blocks bad (blocks 3)`. */
export function lineOf(name: string, report: VerifyReport, repaired?: number): string {
  const {blocks, bad, missing, equal} = report;
  const shown = displayName(name);
  if (equal) {
    const fetched = repaired === undefined ? '' : `repaired (${count(repaired, 'block')}) and `;
    return `${shown}: ${fetched}verified, ${count(blocks.length, 'block')}`;
  }

  const wrong = [
    ...(bad === 0
      ? []
      : [`${bad} of ${count(blocks.length, 'block')} bad (${which(blocks, 'bad')})`]),
    ...(missing === 0
      ? []
      : [`${missing} of ${count(blocks.length, 'block')} missing (${which(blocks, 'missing')})`]),
  ];
  return `${shown}: differs, ${wrong.join(', ')}`;
}

/** The line for a copy that was compared with the server's file and with the content that is expected. */
function expectingLine(
  name: string,
  report: VerifyReport,
  repaired: number | undefined,
  expect: ExpectedContent | undefined,
): string {
  const {equal, expected, localSha256} = report;
  const line = lineOf(name, report, repaired);
  if (expect === undefined || expected === equal) {
    return line;
  }

  const wanted = formatExpectedContent(expect);
  return expected === true
    ? `${line}; the copy has the expected ${wanted}`
    : `${displayName(name)}: the same as on the server, with sha256:${localSha256}, and ${wanted} was expected`;
}

function documentOf(report: VerifyReport, repaired: number | undefined): object {
  const {remotePath, localFile, blocks, equal, algorithm, localSize, remoteSize} = report;
  return {
    path: pathToWire(remotePath),
    local: localFile,
    equal,
    algorithm,
    localSize,
    remoteSize,
    blocks: blocks.length,
    badBlocks: indexesOf(blocks, 'bad'),
    missingBlocks: indexesOf(blocks, 'missing'),
    localRoot: report.localRoot,
    remoteRoot: report.remoteRoot,
    repairedBlocks: repaired ?? 0,
    // JSON leaves it out where nothing was expected.
    expected: report.expected,
  };
}

function which(blocks: VerifyReport['blocks'], verdict: 'bad' | 'missing'): string {
  const indexes = indexesOf(blocks, verdict);
  return `${indexes.length === 1 ? 'block' : 'blocks'} ${formatRanges(indexes)}`;
}

function indexesOf(blocks: VerifyReport['blocks'], verdict: 'bad' | 'missing'): number[] {
  return blocks.flatMap((found, index) => (found === verdict ? [index] : []));
}
