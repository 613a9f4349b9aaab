/**
 * Transfers that have ended, and whose files were not read since. Until then all panes show the earlier state, so that
 * none shows a state that is over.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {TransferSnapshot} from '../../../transfers/queue/queue.ts';

type Look = {readonly look: Promise<unknown>; readonly before: TransferSnapshot | undefined};

export class LastLooks {
  readonly #ended: () => void;
  readonly #looking = new Map<RemotePath, Look>();

  /** @param ended is called when a look has ended. */
  constructor(ended: () => void) {
    this.#ended = ended;
  }

  /**
   * Until `look` has ended, earlier looks at `path` do not count.
   *
   * @param before the transfer as it was before its end, if it was on the screen then.
   */
  begin(path: RemotePath, look: Promise<unknown>, before?: TransferSnapshot): void {
    this.#looking.set(path, {look, before});
    void look.then(() => {
      if (this.#looking.get(path)?.look === look) {
        this.#looking.delete(path);
        this.#ended();
      }
    });
  }

  has(path: RemotePath): boolean {
    return this.#looking.has(path);
  }

  /** The transfer that all panes show. */
  transfer(path: RemotePath, now: TransferSnapshot | undefined): TransferSnapshot | undefined {
    return this.#looking.get(path)?.before ?? now;
  }
}
