/** The transfer whose details are shown, with all facts about it. */
import type {Queue, QueueTotals, TransferSnapshot} from '../../../transfers/queue/queue.ts';
import type {CopyNow} from '../here/copy-now.ts';
import type {Seen} from '../here/seen-files.ts';
import type {TransfersView} from './transfer-list.ts';

export type OpenedTransfer = {
  readonly transfer: TransferSnapshot;
  /** Milliseconds since 1970; undefined where the queue is not kept. */
  readonly addedMs: number | undefined;
  /** The last look at its local file; undefined before the first. */
  readonly seen: Seen | undefined;
  /** What has happened to its file since it was fetched; undefined if nothing. */
  readonly copy: CopyNow | undefined;
  readonly queue: QueueTotals;
};

export class OpenedTransfers {
  readonly #queue: Pick<Queue, 'addedMs'>;
  // The time of the transfer that was shown last: it never changes, and reading it asks the database.
  #added: {readonly id: number; readonly addedMs: number | undefined} | undefined;

  constructor(queue: Pick<Queue, 'addedMs'>) {
    this.#queue = queue;
  }

  /** The transfer under the cursor; undefined while its details are not shown. */
  view(
    {rows, cursor, isOpened, queue}: TransfersView,
    hereOf: (transfer: TransferSnapshot) => Pick<OpenedTransfer, 'seen' | 'copy'>,
  ): OpenedTransfer | undefined {
    const transfer = isOpened ? rows[cursor] : undefined;
    if (transfer === undefined) {
      return undefined;
    }

    const {id} = transfer;
    if (this.#added?.id !== id) {
      this.#added = {id, addedMs: this.#queue.addedMs(id)};
    }

    return {transfer, addedMs: this.#added.addedMs, queue, ...hereOf(transfer)};
  }
}
