/** Detects folders of a search that, through links, are the same as one of their parents. */
import {
  nameToBytes,
  parentOf,
  type RemotePath,
  rootPath,
} from '../../../../protocol/remote-path.ts';
import {closeFolder, type Root} from '../root/root.ts';

/** Paths are relative to the searched folder. */
export class LinkLoops {
  readonly #basePath: string;
  /** Real paths of folders that were reached through a link, by their path under the base. */
  readonly #linked = new Map<string, string>();

  /** @throws JangadaError if the folder `base` cannot be opened. */
  constructor(root: Root, base: RemotePath) {
    const folder = root.openFolder(base);
    this.#basePath = folder.realPath;
    closeFolder(folder);
  }

  /**
   * Whether the folder at `path` is one of its own parents, so that the walk must not enter it. `realPath` is its path
   * without links.
   */
  isLoop(path: RemotePath, realPath: string): boolean {
    if (realPath === this.#plainPath(path)) {
      return false;
    }

    this.#linked.set(path, realPath);
    for (let above = path; above !== rootPath; ) {
      above = parentOf(above);
      if (realPath === (this.#linked.get(above) ?? this.#plainPath(above))) {
        return true;
      }
    }

    return false;
  }

  /** The real path of `path`, if no part of it is a link. */
  #plainPath(path: RemotePath): string {
    return path === rootPath
      ? this.#basePath
      : `${this.#basePath}/${nameToBytes(path).toString('latin1')}`;
  }
}
