/** The files, and with `--dirs` the folders, that masks on the command line match. */
import {mayBeNames} from '../../../protocol/masks/literal-masks.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {AheadOptions} from '../../client/client-options.ts';
import type {LocalPlaces} from '../../transfers/download/local-places.ts';
import {searchTyped} from '../../transfers/download/search.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import type {Job} from '../job.ts';
import type {WantedFolder} from './folder-here.ts';
import type {Batch} from './intake/backlog.ts';
import type {TransferReport} from './report.ts';

/**
 * Files to fetch and folders to make, in the server's batches. `report` refuses invalid names from the server, names
 * whose path in `places` is taken, and places that the server could not search; the others go on. A mask that is the
 * exact name of something means only that.
 *
 * @param known remote paths of files that have local paths already, by local path.
 * @throws JangadaError `bad_mask`, and the errors of `Client.find`.
 */
export async function* foundFiles(
  {client, inputs, options, output, signal}: Job,
  places: LocalPlaces,
  report: Pick<TransferReport, 'refuse' | 'refuseUnnamed'>,
  known: ReadonlyMap<string, RemotePath> = new Map(),
): AsyncGenerator<Batch> {
  const {server, to, retries, dirs} = options;
  const wanted = {masks: inputs, path: server.path, folders: dirs, retries, signal};
  for await (const batch of searchTyped(client, wanted)) {
    const {entries, refused, unsearched, moreUnsearched} = batch;
    const files: WantedFile[] = [];
    const folders: WantedFolder[] = [];
    for (const {name, code, reason} of refused) {
      report.refuse(name, code, reason);
    }

    for (const {remotePath, code, reason} of unsearched) {
      report.refuse(remotePath, code, reason);
    }

    if (moreUnsearched > 0) {
      report.refuseUnnamed(moreUnsearched, 'internal');
      output.error(`and ${moreUnsearched} more that the server could not search`);
    }

    for (const {type, remotePath, name, size, mtimeMs} of entries) {
      const taken = known.get(name) === remotePath ? undefined : places.take(name);
      if (taken !== undefined) {
        report.refuse(name, taken.code, taken.reason);
      } else if (type === 'folder') {
        folders.push({remotePath, folder: to, localPath: name});
      } else {
        files.push({remotePath, folder: to, localPath: name, size, mtimeMs});
      }
    }

    yield {files, folders};
  }
}

/** The request with which `foundFiles` begins, as far as it is known without asking the server for names. */
export function searchAhead({inputs, options}: Pick<Job, 'inputs' | 'options'>): AheadOptions {
  return inputs.length === 0 || options.dirs || mayBeNames(inputs)
    ? {}
    : {entries: {name: 'find', body: {masks: [...inputs], path: options.server.path}}};
}
