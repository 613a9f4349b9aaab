/**
 * Transfers that have ended, and of whose files nobody has seen yet what they are now: until then all panes go on as
 * before, so that none tells of a state that is over.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {TransferSnapshot} from '../../../transfers/queue/queue.ts';

export class LastLooks {
  readonly #ended: () => void;
  readonly #looking = new Map<RemotePath, TransferSnapshot | undefined>();

  /** @param ended is called when a look has ended. */
  constructor(ended: () => void) {
    this.#ended = ended;
  }

  /**
   * Nothing that was seen of `path` counts until `look` has ended.
   *
   * @param before the transfer as it was before it ended, if anybody saw it then.
   */
  begin(path: RemotePath, look: Promise<unknown>, before?: TransferSnapshot): void {
    this.#looking.set(path, before);
    void look.then(() => {
      this.#looking.delete(path);
      this.#ended();
    });
  }

  has(path: RemotePath): boolean {
    return this.#looking.has(path);
  }

  /** The transfer as all panes shall show it. */
  transfer(path: RemotePath, now: TransferSnapshot | undefined): TransferSnapshot | undefined {
    return this.#looking.get(path) ?? now;
  }
}
