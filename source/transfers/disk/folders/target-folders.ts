/** The target folders in use, each opened once. */
import {TargetFolder} from './target-folder.ts';

export class TargetFolders implements Disposable {
  readonly #folders = new Map<string, TargetFolder>();

  /**
   * The target folder at `path`, open. It is made if it does not exist, also if it was removed while it was open.
   *
   * @throws JangadaError `local_io`, `unsafe_target`.
   */
  at(path: string): TargetFolder {
    let folder = this.#folders.get(path);
    if (folder?.isThere === false) {
      folder[Symbol.dispose]();
      folder = undefined;
    }

    if (folder === undefined) {
      folder = new TargetFolder(path);
      this.#folders.set(path, folder);
    }

    return folder;
  }

  [Symbol.dispose](): void {
    for (const folder of this.#folders.values()) {
      folder[Symbol.dispose]();
    }

    this.#folders.clear();
  }
}
