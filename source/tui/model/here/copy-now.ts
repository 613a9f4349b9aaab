/** What has become of a file that was fetched. */
import type {TransferSnapshot} from '../../../transfers/queue/queue.ts';
import type {Seen} from './seen-files.ts';

/** `differs`: it was compared again, and is another one than the server's by now. */
export type CopyNow = 'changed' | 'differs' | 'gone';

/**
 * Undefined as long as the transfer is right about it, or nobody knows better.
 *
 * @param latest the last transfer of that file: of earlier ones the copy may be gone for good.
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
