/** `mget MASK...`: all files that the masks match, folders kept. */
import {displayName} from '../../protocol/display-text.ts';
import {connect} from './connect.ts';
import {type ExitStatus, exitStatus} from './exit-status.ts';
import type {Job} from './job.ts';
import {checkMasks} from './remote-argument.ts';
import {fetchFiles} from './transfer/fetch-files.ts';
import {foundFiles} from './transfer/found-files.ts';
import {TransferReport} from './transfer/report.ts';

export async function mget(job: Job): Promise<ExitStatus> {
  const {client, inputs, options, output, signal} = job;
  checkMasks(inputs);
  await connect(client, signal);
  const report = new TransferReport({output, json: options.json, single: false});
  const status = await fetchFiles(foundFiles(job, report), job, {
    policy: options.onConflict,
    report,
    again: {command: 'mget', onConflict: 'resume'},
  });
  if (status === exitStatus.done && report.tally.asked === 0) {
    output.error(
      `Nothing matches ${inputs.map(mask => `'${displayName(mask)}'`).join(' ')}. ` +
        "A mask matches files: write 'FOLDER/**' for all in a folder",
    );
    return exitStatus.failed;
  }

  return status;
}
