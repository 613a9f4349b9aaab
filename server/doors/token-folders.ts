/** The stores for tokens of a folder below the root. Each store has its own root, so that no link leads out of it. */
import {type RemotePath, rootPath} from '../../protocol/remote-path.ts';
import type {ServedRoot} from '../roots/open-root.ts';
import type {Store} from '../store/store.ts';

export class TokenFolders {
  readonly #root: ServedRoot;
  /**
   * By identity and path: a folder that was moved or replaced gets a store of its own. Its earlier store stays open, because
   * connections may still use it.
   */
  readonly #stores = new Map<string, Store>();

  /** @param root the caller closes it. */
  constructor(root: ServedRoot) {
    this.#root = root;
  }

  /** @throws JangadaError `not_found`, `not_a_folder` or `forbidden` if the root has no such folder. */
  storeFor(folder: RemotePath): Store {
    if (folder === rootPath) {
      return this.#root.store;
    }

    const place = this.#root.placeOf(folder);
    const key = `${place.identity} ${place.path}`;
    const known = this.#stores.get(key);
    if (known !== undefined) {
      return known;
    }

    const store = this.#root.open(place);
    this.#stores.set(key, store);
    return store;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#stores.values()].map(store => store.close()));
  }
}
