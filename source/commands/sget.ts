/** `sget FILE` and `cget FILE`: one file, saved under its own name. */
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

/** The same, but blocks of a local file that are equal are kept. */
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
  await connect(client, signal);
  const file = await namedFile(remotePath, job, 'To download all in it: jangada mget');
  const {to, from, seed, expect} = options;
  const wanted = {...file, folder: to, from, seed, expect};
  await using checksums = await openChecksums(job, to);
  const report = new TransferReport({output, json: options.json, single: true, checksums});
  return await fetchFiles(() => once(wanted), job, {
    policy,
    report,
    command,
    resume: {command: 'cget'},
  });
}

async function* once(file: WantedFile): AsyncGenerator<Batch> {
  yield {files: [file], folders: []};
}
