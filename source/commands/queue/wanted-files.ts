/** The files that arguments name: files by name, and masks as in `mget`. */
import {displayName} from '../../../protocol/display-text.ts';
import {type ErrorCode, isJangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import {LocalPlaces} from '../../transfers/download/local-places.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import {checkMasks, filePath} from '../arguments/remote-argument.ts';
import type {Job} from '../job.ts';
import {foundFiles} from '../transfer/found-files.ts';
import {Backlog} from '../transfer/intake/backlog.ts';
import {namedFile} from '../transfer/named-file.ts';
import {TransferReport} from '../transfer/report.ts';

type Inputs = {files: readonly RemotePath[]; masks: readonly string[]};

/**
 * Split `inputs` into files, below `base`, and masks.
 *
 * @throws JangadaError `usage` for an input that can be neither, and for excludes without a mask.
 */
export function splitInputs(inputs: readonly string[], base: RemotePath): Inputs {
  const masks = inputs.filter(isMask);
  const files = inputs.filter(input => !isMask(input)).map(input => filePath(base, input));
  checkMasks(masks);
  return {files, masks};
}

function isMask(input: string): boolean {
  return input.startsWith('!') || /[*?[\]{}]/.test(input);
}

/**
 * The files that `inputs` name. Files that cannot be fetched are named in an error, and the others go on; `codes` are
 * the reasons.
 *
 * @throws JangadaError `bad_mask`, `connection_lost` and others that concern all files.
 */
export async function wantedFiles(
  {files, masks}: Inputs,
  job: Job,
): Promise<{wanted: Backlog; codes: ReadonlySet<ErrorCode>}> {
  const {output, options} = job;
  // This report only names refused files: nothing is downloaded yet.
  const report = new TransferReport({output, json: false, single: false});
  const places = new LocalPlaces(options.to);
  const named: WantedFile[] = [];
  const wanted = new Backlog();
  for (const path of new Set(files)) {
    try {
      const file = await namedFile(path, job, 'To queue all in it: jangada queue add');
      const taken = places.take(file.localPath);
      if (taken === undefined) {
        named.push({...file, folder: options.to});
      } else {
        report.refuse(path, taken.code, taken.reason);
      }
    } catch (error) {
      if (!isJangadaError(error) || !aboutOneFile.has(error.code)) {
        throw error;
      }

      output.error(displayName(error.message));
      report.tally.addFailed(error.code);
    }
  }

  wanted.add({files: named, folders: []});
  if (masks.length > 0) {
    const known = new Map(named.map(({localPath, remotePath}) => [localPath, remotePath]));
    let found = 0;
    for await (const {files} of foundFiles({...job, inputs: masks}, places, report, known)) {
      found += files.length;
      const others = files.filter(file => known.get(file.localPath) !== file.remotePath);
      wanted.add({files: others, folders: []});
    }

    if (found === 0 && report.tally.asked === 0) {
      const shown = masks.map(mask => `'${displayName(mask)}'`).join(' ');
      output.error(
        `Nothing matches ${shown}. A mask matches files: write 'FOLDER/**' for all in a folder`,
      );
      report.tally.addFailed('not_found');
    }
  }

  return {wanted, codes: report.tally.codes};
}
const aboutOneFile: ReadonlySet<string> = new Set(['not_found', 'not_a_file', 'forbidden']);
