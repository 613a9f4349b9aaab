/** `sget FILE` and `cget FILE`: one file, saved under its own name. */
import {baseName, type RemotePath} from '../../protocol/remote-path.ts';
import {savedAs} from '../transfers/disk/local-name.ts';
import {isNothingHere} from '../transfers/download/here/nothing-here.ts';
import type {OnConflict} from '../transfers/terms/conflict-policy.ts';
import type {WantedFile} from '../transfers/terms/new-transfer.ts';
import {filePath} from './arguments/remote-argument.ts';
import {openChecksums} from './checksums/open-checksums.ts';
import {connect} from './connect.ts';
import type {Again} from './continuation.ts';
import {copyPlaces, isBegunAt} from './copy-places.ts';
import type {Job} from './job.ts';
import type {Outcome} from './results/outcome.ts';
import {fetchFiles} from './transfer/fetch-files.ts';
import type {Batch} from './transfer/intake/backlog.ts';
import {isAboutOneFile, namedFile} from './transfer/named-file.ts';
import {TransferReport} from './transfer/report.ts';

export async function sget(job: Job): Promise<Outcome> {
  const remotePath = pathOf(job);
  const localPath = baseName(remotePath);
  // cget could find another copy, at the whole path.
  const resume: Again = {command: 'sget', onConflict: 'resume'};
  return await getOne({remotePath, localPath}, job, {
    ...{command: 'sget', policy: job.options.onConflict, resume},
  });
}

/** As `sget`, but it keeps equal blocks of a local file, also of one at the whole path. */
export async function cget(job: Job): Promise<Outcome> {
  const remotePath = pathOf(job);
  const [whole, last] = copyPlaces(job.inputs[0] ?? '');
  const localPath = isBegunAt(job.options.to, whole) ? whole : last;
  return await getOne({remotePath, localPath}, job, {
    ...{command: 'cget', policy: 'resume', resume: {command: 'cget'}},
  });
}

function pathOf({inputs, options}: Job): RemotePath {
  return filePath(options.server.path, inputs[0] ?? '');
}

async function getOne(
  {remotePath, localPath}: Pick<WantedFile, 'remotePath' | 'localPath'>,
  job: Job,
  how: {command: string; policy: OnConflict; resume: Again},
): Promise<Outcome> {
  const {client, options, output, signal} = job;
  const {to, from, seed, expect} = options;
  // Whether the first blocks of the file are needed in any case.
  const isPlain = (from ?? seed ?? expect) === undefined;
  const isNew = isPlain && isNothingHere(savedAs({folder: to, localPath, remotePath}));
  await connect(client, signal, isNew ? {ahead: remotePath} : {});
  const file = await findFile(remotePath, job);
  // Without a size the file is fetched by itself, from the response that is already on its way.
  const size = client.isAhead(remotePath) ? undefined : file.size;
  const wanted = {...file, localPath, size, folder: to, from, seed, expect};
  await using checksums = await openChecksums(job, to);
  const report = new TransferReport({output, json: options.json, single: true, checksums});
  return await fetchFiles(() => once(wanted), job, {...how, report});
}

/** @throws JangadaError that of `namedFile`, once the events of `--json` have told of the file. */
async function findFile(remotePath: RemotePath, job: Job): ReturnType<typeof namedFile> {
  try {
    return await namedFile(remotePath, job, {command: 'mget', does: 'download'});
  } catch (error) {
    if (isAboutOneFile(error)) {
      const {options, output, json} = job;
      const report = new TransferReport({output, json: options.json, single: true});
      await report.stoppedBy([{remotePath}], error);
      const summary = await report.end(false, error);
      json?.tell(summary);
    }

    throw error;
  }
}

async function* once(file: WantedFile): AsyncGenerator<Batch> {
  yield {files: [file], folders: []};
}
