/** The stores for tokens of a folder below the root. Each store has its own root, so that no link leads out of it. */
import {JangadaError} from '../../protocol/errors.ts';
import {type RemotePath, rootPath} from '../../protocol/remote-path.ts';
import type {ServedRoot} from '../roots/open-root.ts';
import type {FolderPlace} from '../roots/place-in-folder.ts';
import type {Store} from '../store/store.ts';
import type {StoreInUse} from './door.ts';

type Opened = FolderPlace & {
  readonly store: Store;
  /** The connections that use the store. */
  users: number;
};

export class TokenFolders {
  readonly #root: ServedRoot;
  /** By identity and path: a folder that was moved or replaced gets a store of its own. */
  readonly #opened = new Map<string, Opened>();
  /** The store of the folder that was last found at each path. */
  readonly #current = new Map<string, Opened>();
  readonly #closing = new Set<Promise<void>>();

  /** @param root the caller closes it. */
  constructor(root: ServedRoot) {
    this.#root = root;
  }

  /**
   * Before `storeFor`, whose calls block this thread: if the disk may be slow, wait until it answers another thread.
   *
   * @throws JangadaError `busy` if the disk fails.
   */
  ready(folder: RemotePath): Promise<void> | undefined {
    const {store} = this.#root;
    return folder === rootPath || store.slow !== true
      ? undefined
      : store.reach?.().catch((cause: unknown) => {
          const message = 'The folder of this token cannot be read now; try again later';
          throw new JangadaError('busy', message, {cause});
        });
  }

  /**
   * The store of `folder` as it is now. A store stays open for later connections, unless another folder is found at its
   * path: then it closes when the last connection has left it.
   *
   * @throws JangadaError `not_found`, `forbidden` or `busy` if the root has no such folder, or the disk fails.
   */
  storeFor(folder: RemotePath): StoreInUse {
    if (folder === rootPath) {
      return {store: this.#root.store, leave() {}};
    }

    const place = this.#root.placeOf(folder);
    const known = this.#opened.get(keyOf(place));
    const opened = known ?? {...place, store: this.#root.open(place), users: 0};
    opened.users++;
    this.#opened.set(keyOf(place), opened);
    const before = this.#current.get(place.path);
    this.#current.set(place.path, opened);
    this.#closeIfReplaced(before);
    let left = false;
    return {
      store: opened.store,
      leave: () => {
        opened.users -= left ? 0 : 1;
        left = true;
        this.#closeIfReplaced(opened);
      },
    };
  }

  async close(): Promise<void> {
    for (const {store} of this.#opened.values()) {
      this.#close(store);
    }

    this.#opened.clear();
    await Promise.all(this.#closing);
  }

  /** Close the store of `opened` if no connection uses it, and no later one would get it. */
  #closeIfReplaced(opened: Opened | undefined): void {
    const isOver = opened?.users === 0 && this.#current.get(opened.path) !== opened;
    if (isOver && this.#opened.delete(keyOf(opened))) {
      this.#close(opened.store);
    }
  }

  #close(store: Store): void {
    const closing = (async () => {
      await store.close();
    })().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

function keyOf({identity, path}: Pick<FolderPlace, 'identity' | 'path'>): string {
  return `${identity} ${path}`;
}
