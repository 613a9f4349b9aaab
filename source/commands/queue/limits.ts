/** `queue limits`: sets the limits that the options give, and prints the limits that clients share. */
import {defaultLimits, type Limits} from '../../transfers/terms/limits.ts';
import {count, formatRate} from '../format.ts';
import type {Job} from '../job.ts';
import {allDone, type Outcome} from '../results/outcome.ts';
import {inStore} from './in-store.ts';

export async function queueLimits(job: Job): Promise<Outcome> {
  const {options, output, json} = job;
  const {files, connections, limit, written} = options;
  // Here each option sets only its own limit: more connections do not mean more files.
  const asked: Partial<Limits> = {
    ...(written.files === undefined ? {} : {files}),
    ...(written.connections === undefined ? {} : {connectionsPerFile: connections}),
    ...(written.limit === undefined ? {} : {bytesPerSecond: limit}),
  };
  return inStore(job, async store => {
    store.limits.save(asked);
    const limits = {...defaultLimits, ...store.limits.read().limits};
    if (json === undefined) {
      await output.result(`${line(limits)}\n`);
    } else {
      json.tell(fieldsOf(limits));
    }

    return allDone;
  });
}

/** docs/commands.md documents the fields; they must not change. */
function fieldsOf({files, connectionsPerFile, bytesPerSecond}: Limits): object {
  return {files, connectionsPerFile, bytesPerSecond: bytesPerSecond ?? null};
}

function line({files, connectionsPerFile, bytesPerSecond}: Limits): string {
  const rate = bytesPerSecond === undefined ? 'no limit of speed' : formatRate(bytesPerSecond);
  return `${count(files, 'file')} at once, ${count(connectionsPerFile, 'connection')} for a large one, ${rate}`;
}
