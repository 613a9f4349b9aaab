/** Makes the folders that masks match: an empty folder would not come with any file. */
import {aborted} from '../../../protocol/errors.ts';
import type {Queue} from '../../transfers/queue/queue.ts';
import {describeFailure} from '../../transfers/terms/failure.ts';
import type {FolderHere, WantedFolder} from './folder-here.ts';
import type {TransferReport} from './report.ts';

/** Folders between two turns of the event loop. */
const atOnce = 200;

/**
 * Make those of `folders` that are missing. The report names failures, and the others are made.
 *
 * @throws JangadaError `aborted`.
 */
export async function makeFolders(
  folders: readonly WantedFolder[],
  queue: Queue,
  report: TransferReport,
  signal: AbortSignal,
): Promise<void> {
  const here: FolderHere[] = [];
  try {
    for (const [index, {remotePath, folder, localPath}] of folders.entries()) {
      if (index % atOnce === atOnce - 1) {
        await new Promise(setImmediate);
      }

      if (signal.aborted) {
        throw aborted();
      }

      try {
        const {path, made} = queue.makeFolder(folder, localPath);
        here.push({remotePath, target: path, made});
      } catch (error) {
        const {code, reason} = describeFailure(error);
        report.refuse(remotePath, code, reason);
      }
    }

    await queue.flushFolders();
  } finally {
    report.addFolders(here);
  }
}
