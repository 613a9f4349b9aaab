/** `queue limits`: prints the limits that clients share, after setting those that are given. */
import {defaultLimits, type Limits} from '../../transfers/terms/limits.ts';
import {type ExitStatus, exitStatus} from '../exit-status.ts';
import {count, formatRate} from '../format.ts';
import type {Job} from '../job.ts';
import {inStore} from './in-store.ts';

export async function queueLimits(job: Job): Promise<ExitStatus> {
  const {options, output} = job;
  const {files, connections, limit, written} = options;
  // Each stands for itself here: more connections are not more files.
  const asked: Partial<Limits> = {
    ...(written.files === undefined ? {} : {files}),
    ...(written.connections === undefined ? {} : {connectionsPerFile: connections}),
    ...(written.limit === undefined ? {} : {bytesPerSecond: limit}),
  };
  return inStore(job, async store => {
    store.limits.save(asked);
    const limits = {...defaultLimits, ...store.limits.read().limits};
    await output.result(options.json ? `${JSON.stringify(json(limits))}\n` : `${line(limits)}\n`);
    return exitStatus.done;
  });
}

/** Fields are documented in docs/commands.md; they stay. */
function json({files, connectionsPerFile, bytesPerSecond}: Limits): object {
  return {files, connectionsPerFile, bytesPerSecond: bytesPerSecond ?? null};
}

function line({files, connectionsPerFile, bytesPerSecond}: Limits): string {
  const rate = bytesPerSecond === undefined ? 'no limit of speed' : formatRate(bytesPerSecond);
  return `${count(files, 'file')} at once, ${count(connectionsPerFile, 'connection')} for a large one, ${rate}`;
}
