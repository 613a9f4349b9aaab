/** `sget FILE` and `cget FILE`: one file, saved under its own name. */
import path from 'node:path';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {baseName, type RemotePath} from '../../protocol/remote-path.ts';
import {openChecksums} from './checksums/open-checksums.ts';
import {connect} from './connect.ts';
import type {ExitStatus} from './exit-status.ts';
import type {Job} from './job.ts';
import {named} from './named-error.ts';
import {remoteFile} from './remote-argument.ts';
import type {Wanted} from './transfer/decide.ts';
import {type Batch, fetchFiles} from './transfer/fetch-files.ts';
import {TransferReport} from './transfer/report.ts';

export function sget(job: Job): Promise<ExitStatus> {
  return getOne(job, job.options.onConflict);
}

/** The same, but what is there is kept as far as it is equal. */
export function cget(job: Job): Promise<ExitStatus> {
  return getOne(job, 'resume');
}

async function getOne(job: Job, policy: Job['options']['onConflict']): Promise<ExitStatus> {
  const {client, inputs, options, output, signal} = job;
  const remotePath = remoteFile(options.server.path, inputs[0] ?? '');
  await connect(client, signal);
  const wanted = await describe(job, remotePath);
  await using checksums = await openChecksums(job, options.to);
  const report = new TransferReport({output, json: options.json, single: true, checksums});
  return await fetchFiles(once(wanted), job, {policy, report, again: {command: 'cget'}});
}

/** @throws JangadaError `not_found` and the like, naming the file. */
async function describe({client, options, signal}: Job, remotePath: RemotePath): Promise<Wanted> {
  const name = displayName(remotePath);
  let found: Awaited<ReturnType<typeof client.stat>>;
  try {
    found = await client.stat(remotePath, {signal});
  } catch (error) {
    throw named(error, remotePath);
  }

  if (found.type !== 'file') {
    const advice =
      found.type === 'folder'
        ? `it is a folder. To download all in it: jangada mget '${name}/**'`
        : 'it is no regular file, and cannot be fetched';
    throw new JangadaError('not_a_file', `${name}: ${advice}`);
  }

  const {to, from, seed} = options;
  return {
    remotePath,
    folder: to,
    localPath: baseName(remotePath),
    size: found.size,
    from: from === undefined ? undefined : path.resolve(from),
    seed: seed === undefined ? undefined : path.resolve(seed),
  };
}

async function* once(file: Wanted): AsyncGenerator<Batch> {
  yield {files: [file], folders: []};
}
