/**
 * Finds the local copies of remote files: the paths where each may be, its last comparison, and the callers that wait
 * for it.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {
  CopyLook,
  CopyPlace,
  CopyQuestion,
  LocalFile,
} from '../../../transfers/download/here/copy-look.ts';
import {CopyLooks} from '../../../transfers/download/here/copy-looks.ts';
import type {Queue, TransferSnapshot, Verdict} from '../../../transfers/queue/queue.ts';
import {copyPlaces} from '../local-copy.ts';

export type CopyFinderOptions = {
  readonly queue: Pick<Queue, 'find' | 'verdicts'>;
  /** Absolute path of the folder that downloads are saved in. */
  readonly folder: string;
  /** The folder of the server's address: local paths begin there. */
  readonly base: RemotePath;
};

type CopyFinderListener = {
  /** `verdict`: the last comparison of that copy with that file. */
  found(path: RemotePath, look: CopyLook, verdict: Verdict | undefined): void;
  /** The disk has stopped answering, or answers again. */
  stuck(): void;
};

/** A caller that needs a look which began after its request. */
type Waiter = {readonly ticket: number; readonly resolve: (look: CopyLook) => void};

export class CopyFinder {
  readonly #options: CopyFinderOptions;
  readonly #listener: CopyFinderListener;
  readonly #looks: CopyLooks;
  readonly #waiters = new Map<RemotePath, Waiter[]>();
  #ticket = 0;

  constructor(options: CopyFinderOptions, listener: CopyFinderListener) {
    this.#options = options;
    this.#listener = listener;
    this.#looks = new CopyLooks({
      found: (question, look) => this.#found(question, look),
      stuck: () => listener.stuck(),
    });
  }

  /** Whether the disk does not answer. */
  get isStuck(): boolean {
    return this.#looks.isStuck;
  }

  /** Look for `paths`, and forget earlier requests for which nobody waits. `shown`: the folder on the screen. */
  ask(paths: readonly RemotePath[], shown: RemotePath): void {
    const all = [...this.#waiters.keys(), ...paths];
    this.#looks.ask(all.map(path => this.#question(path, shown)));
  }

  /** Look for `paths` before all others. */
  askFirst(paths: readonly RemotePath[], shown: RemotePath): void {
    this.#looks.askFirst(paths.map(path => this.#question(path, shown)));
  }

  /**
   * The copy of `path` as it is now; undefined if there is none.
   *
   * @param transfer that may have saved it. Default: the last transfer of that file.
   */
  async copyOf(
    path: RemotePath,
    shown: RemotePath,
    transfer?: TransferSnapshot,
  ): Promise<LocalFile | undefined> {
    const {promise, resolve} = Promise.withResolvers<CopyLook>();
    const question = this.#question(path, shown, transfer);
    // A look that is under way may have begun before the file existed.
    const waiter = {ticket: question.ticket, resolve};
    this.#waiters.set(path, [...(this.#waiters.get(path) ?? []), waiter]);
    this.#looks.askFirst([question]);
    return (await promise).copy;
  }

  /** Where the copies of `paths` may be. */
  placesOf(paths: Iterable<RemotePath>, shown: RemotePath): CopyPlace[] {
    return [...paths].flatMap(path => this.#question(path, shown).places);
  }

  /** The last comparison of the copy that `look` has found with the remote file `path`. */
  verdictOn({copy}: CopyLook, path: RemotePath): Verdict | undefined {
    const known = copy && this.#options.queue.verdicts.recall(copy.file);
    return known?.remotePath === path ? known : undefined;
  }

  close(): void {
    this.#looks.close();
  }

  #question(
    path: RemotePath,
    shown: RemotePath,
    transfer = this.#options.queue.find(path),
  ): CopyQuestion {
    const {folder, base, queue} = this.#options;
    return {
      path,
      ticket: ++this.#ticket,
      places: copyPlaces(path, {folder, base, shown, transfer}),
      isKnown: file => queue.verdicts.recall(file)?.remotePath === path,
    };
  }

  #found({path, ticket}: CopyQuestion, look: CopyLook): void {
    this.#listener.found(path, look, this.verdictOn(look, path));
    const later: Waiter[] = [];
    for (const waiter of this.#waiters.get(path) ?? []) {
      if (waiter.ticket <= ticket) {
        waiter.resolve(look);
      } else {
        later.push(waiter);
      }
    }

    if (later.length > 0) {
      this.#waiters.set(path, later);
    } else {
      this.#waiters.delete(path);
    }
  }
}
