/** The stores of tokens that lead to a folder below the root: each is a root of its own, so that no link leads out. */
import {realpathSync} from 'node:fs';
import {join, relative, sep} from 'node:path';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {type RemotePath, rootPath} from '../../protocol/remote-path.ts';
import type {Store} from '../store/store.ts';

export class TokenFolders {
  readonly #root: Store;
  readonly #open: (path: string, below: string) => Store;
  readonly #stores = new Map<string, Store>();

  /**
   * @param root the store of the whole folder, by its path. It stays the caller's to close.
   * @param open opens the folder at `path`, which is at `below` in the root.
   */
  constructor(root: Store, open: (path: string, below: string) => Store) {
    this.#root = root;
    this.#open = open;
  }

  /** @throws JangadaError `not_found`, `not_a_folder`, `forbidden` if there is no such folder in the root. */
  storeFor(folder: RemotePath): Store {
    if (folder === rootPath) {
      return this.#root;
    }

    const {path, below} = placeOf(this.#root.name, folder);
    const known = this.#stores.get(path);
    if (known !== undefined) {
      return known;
    }

    const store = this.#open(path, below);
    this.#stores.set(path, store);
    return store;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#stores.values()].map(store => store.close()));
  }
}

/** The real path of `folder` in `root`, whole and below the root. */
function placeOf(root: string, folder: RemotePath): {path: string; below: string} {
  const noFolder = new JangadaError(
    'not_found',
    `The folder '${displayName(folder)}' of this token is not there`,
  );
  try {
    const base = realpathSync(root);
    const path = realpathSync(join(root, folder));
    if (path.startsWith(base.endsWith(sep) ? base : `${base}${sep}`)) {
      return {path, below: relative(base, path).replaceAll(sep, '/')};
    }
  } catch {
    throw noFolder;
  }

  throw noFolder;
}
