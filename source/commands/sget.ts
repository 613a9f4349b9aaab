/** `sget FILE` and `cget FILE`: one file, saved under its own name. */
import {join} from 'node:path';
import {baseName, type RemotePath} from '../../protocol/remote-path.ts';
import {isNothingHere} from '../transfers/download/here/nothing-here.ts';
import type {WantedFile} from '../transfers/terms/new-transfer.ts';
import {filePath} from './arguments/remote-argument.ts';
import {openChecksums} from './checksums/open-checksums.ts';
import {connect} from './connect.ts';
import type {Job} from './job.ts';
import type {Outcome} from './results/outcome.ts';
import {fetchFiles} from './transfer/fetch-files.ts';
import type {Batch} from './transfer/intake/backlog.ts';
import {namedFile} from './transfer/named-file.ts';
import {TransferReport} from './transfer/report.ts';

export function sget(job: Job): Promise<Outcome> {
  return getOne(job, 'sget', job.options.onConflict);
}

/** As `sget`, but it keeps equal blocks of a local file. */
export function cget(job: Job): Promise<Outcome> {
  return getOne(job, 'cget', 'resume');
}

async function getOne(
  job: Job,
  command: 'sget' | 'cget',
  policy: Job['options']['onConflict'],
): Promise<Outcome> {
  const {client, inputs, options, output, signal} = job;
  const remotePath = filePath(options.server.path, inputs[0] ?? '');
  await connect(client, signal, isNew(remotePath, options) ? {ahead: remotePath} : {});
  const file = await namedFile(remotePath, job, 'To download all in it: jangada mget');
  const {to, from, seed, expect} = options;
  // Without a size the file is fetched by itself, from the response that is already on its way.
  const size = client.isAhead(remotePath) ? undefined : file.size;
  const wanted = {...file, size, folder: to, from, seed, expect};
  await using checksums = await openChecksums(job, to);
  const report = new TransferReport({output, json: options.json, single: true, checksums});
  return await fetchFiles(() => once(wanted), job, {
    policy,
    report,
    command,
    resume: {command: 'cget'},
  });
}

/** Whether the first blocks of the file are needed in any case. */
function isNew(remotePath: RemotePath, {to, from, seed, expect}: Job['options']): boolean {
  const isPlain = (from ?? seed ?? expect) === undefined;
  return isPlain && isNothingHere(join(to, baseName(remotePath)));
}

async function* once(file: WantedFile): AsyncGenerator<Batch> {
  yield {files: [file], folders: []};
}
