/** The files, and with `--dirs` the folders, that masks on the command line match. */
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {LocalPlaces} from '../../transfers/download/local-places.ts';
import {search} from '../../transfers/download/search.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import type {Job} from '../job.ts';
import type {Batch} from './backlog.ts';
import type {WantedFolder} from './folder-here.ts';
import type {TransferReport} from './report.ts';

/**
 * Files to fetch and folders to make, in the server's batches. A name that the server should not
 * have named, one whose place in `places` is taken, and a place that the server could not search
 * are refused by `report`; the others go on.
 *
 * @param known remote paths of files that have their places already, by local path.
 * @throws JangadaError `bad_mask`, and the errors of `Client.find`.
 */
export async function* foundFiles(
  {client, inputs, options, output, signal}: Job,
  places: LocalPlaces,
  report: TransferReport,
  known: ReadonlyMap<string, RemotePath> = new Map(),
): AsyncGenerator<Batch> {
  const {server, to, retries, dirs} = options;
  const wanted = {masks: inputs, path: server.path, folders: dirs, retries, signal};
  for await (const batch of search(client, wanted)) {
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
      const {tally} = report;
      tally.asked += moreUnsearched;
      tally.failed += moreUnsearched - 1;
      tally.addFailed('internal');
      output.error(`and ${moreUnsearched} more that the server could not search`);
    }

    for (const {type, remotePath, name, size} of entries) {
      const taken = known.get(name) === remotePath ? undefined : places.take(name);
      if (taken !== undefined) {
        report.refuse(name, taken.code, taken.reason);
      } else if (type === 'folder') {
        folders.push({remotePath, folder: to, localPath: name});
      } else {
        files.push({remotePath, folder: to, localPath: name, size});
      }
    }

    yield {files, folders};
  }
}
