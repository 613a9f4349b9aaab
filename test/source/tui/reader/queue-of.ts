/** The view of a queue with given rows. */
import type {QueueTotals, TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import type {TransfersView} from '../../../../source/tui/model/transfers/transfer-list.ts';

const idle: QueueTotals = {
  ...{total: 0, active: 0, queued: 0, waiting: 0, paused: 0, failed: 0, done: 0, canceled: 0},
  bytes: {here: 0, wanted: 0, left: 0, unsized: 0},
  bytesPerSecond: 0,
  limits: {files: 4, connectionsPerFile: 4, bytesPerSecond: undefined},
  speedHistory: [],
  worker: undefined,
  unwritten: 0,
};

/** @param totals numbers that differ from those of an idle queue. */
export function queueOf(
  rows: readonly TransferSnapshot[],
  totals: Partial<QueueTotals> = {},
): TransfersView {
  const queue = {...idle, total: rows.length, ...totals};
  return {rows, more: new Map(), cursor: 0, position: 1, isOpened: false, turn: 0, queue};
}
