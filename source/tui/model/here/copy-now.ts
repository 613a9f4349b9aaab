/** What has happened to a file since it was fetched. */
import type {TransferSnapshot} from '../../../transfers/queue/queue.ts';
import type {Seen} from './seen-files.ts';

/** `differs`: a later comparison found that it differs from the server's file. */
export type CopyNow = 'changed' | 'differs' | 'gone';

/**
 * Undefined as long as the file is as the transfer left it, or nothing else is known.
 *
 * @param latest the last transfer of that file: the copies of earlier ones may be gone for good.
 */
export function copyNow(
  row: TransferSnapshot,
  latest: TransferSnapshot | undefined,
  seen: Seen | undefined,
): CopyNow | undefined {
  if (row.state.name !== 'done' || row.id !== latest?.id || seen === undefined) {
    return undefined;
  }

  const {copy} = seen.look;
  if (copy?.file !== row.target) {
    return 'gone';
  }

  const {verdict} = seen;
  if (row.state.outcome === 'skipped' || verdict === undefined) {
    return undefined;
  }

  return verdict.state !== copy.state ? 'changed' : verdict.equal ? undefined : 'differs';
}
