/** The states of files that were found; they come folder by folder. */
import type {Entry} from '../../protocol/messages.ts';
import {baseName, joinRemotePath, parentOf, type RemotePath} from '../../protocol/remote-path.ts';
import {mtimeMsOf} from '../store/file-state.ts';
import {lstatIn} from '../store/list-folder.ts';
import type {OpenedFolder, Root} from '../store/root.ts';

export class FoundFiles {
  readonly #root: Root;
  readonly #base: RemotePath;
  // The folder of the last file: the next one is most likely in it, too.
  #folder: {path: RemotePath; opened: OpenedFolder} | undefined;

  constructor(root: Root, base: RemotePath) {
    this.#root = root;
    this.#base = base;
  }

  /** The entry of the file `name`, a path under the base; undefined if it is gone. */
  entry(name: string): Entry | undefined {
    try {
      const path = joinRemotePath(this.#base, name);
      const stats = lstatIn(this.#folderOf(path), baseName(path));
      if (stats?.isSymbolicLink()) {
        const target = this.#root.stat(path);
        const size = Number(target.size);
        return target.isFile() ? {name, type: 'file', size, mtimeMs: mtimeMsOf(target)} : undefined;
      }

      return stats?.isFile()
        ? {name, type: 'file', size: stats.size, mtimeMs: stats.mtimeMs}
        : undefined;
    } catch {
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#folder?.opened.close();
    this.#folder = undefined;
  }

  #folderOf(path: RemotePath): OpenedFolder {
    const parent = parentOf(path);
    if (this.#folder?.path !== parent) {
      this[Symbol.dispose]();
      this.#folder = {path: parent, opened: this.#root.openFolder(parent)};
    }

    return this.#folder.opened;
  }
}
