/**
 * The rows of a queue that is longer than its window, while the user does not scroll: first the running transfers, then
 * as many of each other kind as fit. The last row of a kind stands for the rest of that kind.
 */
import type {QueueTotals, TransferSnapshot} from '../../../transfers/queue/queue.ts';
import {isRunning, waitsForRoom} from '../../../transfers/terms/transfer-state.ts';

/** Kinds of transfers, in the order of the screen. */
const kinds = ['active', 'failed', 'waiting', 'paused', 'queued', 'done', 'canceled'] as const;
type Kind = (typeof kinds)[number];

export type Fold = {
  readonly rows: readonly TransferSnapshot[];
  /** For the id of a row, the number of other transfers of its kind that it stands for. */
  readonly more: ReadonlyMap<number, number>;
};

/** `rows` sorted by kind; rows of one kind keep their order. */
export function byKind(rows: readonly TransferSnapshot[]): TransferSnapshot[] {
  return rows.toSorted((one, other) => kinds.indexOf(kindOf(one)) - kinds.indexOf(kindOf(other)));
}

/**
 * At most `height` rows.
 *
 * @param running some of the running transfers, in queue order.
 * @param near rows around the place in the queue where the work is, in queue order.
 */
export function foldQueue(
  counts: Pick<QueueTotals, Kind>,
  running: readonly TransferSnapshot[],
  near: readonly TransferSnapshot[],
  height: number,
): Fold {
  const found = Map.groupBy(near, kindOf);
  found.set('active', [...running]);
  // The transfers that were done last are the most interesting ones.
  found.get('done')?.reverse();
  const shown = kinds.filter(kind => (found.get(kind)?.length ?? 0) > 0).slice(0, height);
  let spare = height - shown.length;
  const rows: TransferSnapshot[] = [];
  const more = new Map<number, number>();
  for (const kind of shown) {
    const some = (found.get(kind) ?? []).slice(0, 1 + spare);
    spare -= some.length - 1;
    rows.push(...some);
    const last = some.at(-1);
    const left = counts[kind] - some.length;
    if (last !== undefined && left > 0) {
      more.set(last.id, left);
    }
  }

  return {rows, more};
}

function kindOf({state}: TransferSnapshot): Kind {
  if (isRunning(state)) {
    return 'active';
  }

  if (waitsForRoom(state)) {
    return 'waiting';
  }

  switch (state.name) {
    case 'failed':
    case 'paused':
    case 'done':
    case 'canceled':
      return state.name;
    default:
      return 'queued';
  }
}
