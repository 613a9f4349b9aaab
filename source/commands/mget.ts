/**
 * `mget MASK...`: all files that the masks match, folders kept; with `--dirs` empty folders too. `mget --checksums-from
 * FILE`: the files that a list names.
 */
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {LocalPlaces} from '../transfers/download/local-places.ts';
import {checkMasks} from './arguments/remote-argument.ts';
import {expectedFiles} from './checksums/expected-files.ts';
import {openChecksums} from './checksums/open-checksums.ts';
import {connect} from './connect.ts';
import type {Job} from './job.ts';
import {type Outcome, outcomeOf} from './results/outcome.ts';
import {fetchFiles} from './transfer/fetch-files.ts';
import {foundFiles, searchAhead} from './transfer/found-files.ts';
import {TransferReport} from './transfer/report.ts';

export async function mget(job: Job): Promise<Outcome> {
  const {client, inputs, options, output, signal} = job;
  const {checksumsFrom: list} = options;
  if (list === undefined) {
    checkMasks(inputs);
  } else if (inputs.length > 0) {
    throw new JangadaError(
      'usage',
      '--checksums-from and masks both name the files to fetch: leave one of them out',
    );
  } else if (options.dirs) {
    throw new JangadaError(
      'usage',
      '--checksums-from names files, and no empty folders: leave --dirs out',
    );
  }

  await connect(client, signal, searchAhead(job));
  await using checksums = await openChecksums(job, options.to);
  const report = new TransferReport({
    output,
    json: options.json,
    single: false,
    folders: options.dirs,
    checksums,
  });
  const places = new LocalPlaces(options.to);
  const find = (signal: AbortSignal) =>
    list === undefined
      ? foundFiles({...job, signal}, places, report)
      : expectedFiles(list, {...job, signal}, places, report);
  const outcome = await fetchFiles(find, job, {
    policy: options.onConflict,
    report,
    command: 'mget',
    resume: {command: 'mget', onConflict: 'resume'},
  });
  const {asked, foundFolders} = report.tally;
  if (outcome.name === 'success' && asked + foundFolders === 0) {
    const advice = " A mask matches files: write 'FOLDER/**' for all in a folder";
    const message =
      `Nothing matches ${inputs.map(mask => `'${displayName(mask)}'`).join(' ')}.` +
      (options.dirs ? '' : advice);
    output.error(message);
    return outcomeOf('not_found', message);
  }

  return outcome;
}
