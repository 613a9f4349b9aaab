import type {TransferReport} from '../report.ts';
import {unlessStopped} from '../unless-stopped.ts';
import type {Backlog, Batch} from './backlog.ts';

type FillOptions = {
  backlog: Backlog;
  report: TransferReport;
  /** Once it is aborted, nothing more is taken from the search. */
  end: AbortSignal;
  /** Whether the user is asked about conflicts before anything is fetched. */
  asks: boolean;
};

/** Take all that is found into `backlog` as fast as it comes: the server does not wait until files are fetched. */
export async function fillBacklog(
  batches: AsyncIterable<Batch>,
  {backlog, report, end, asks}: FillOptions,
): Promise<void> {
  let files = 0;
  let bytes = 0;
  try {
    for await (const batch of batches) {
      if (asks) {
        files += batch.files.length;
        bytes += batch.files.reduce((sum, {size = 0}) => sum + size, 0);
        report.count(files, bytes);
      } else {
        report.ask(batch.files);
      }

      backlog.add(batch);
      await unlessStopped(backlog.room(), end);
      if (end.aborted) {
        return;
      }
    }
  } finally {
    backlog.complete();
  }
}
