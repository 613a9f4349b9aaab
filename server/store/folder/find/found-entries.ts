/** The states of files and folders that were found; they come folder by folder. */
import type {Entry} from '../../../../protocol/messages.ts';
import {
  baseName,
  joinRemotePath,
  parentOf,
  parseRemotePath,
  type RemotePath,
} from '../../../../protocol/remote-path.ts';
import {mtimeMsOf, typeOf} from '../root/file-state.ts';
import {lstatIn} from '../root/folder-names.ts';
import {closeFolder, type OpenedFolder, type Root} from '../root/root.ts';
import type {LinkLoops} from './link-loops.ts';

export class FoundEntries {
  readonly #root: Root;
  readonly #base: RemotePath;
  readonly #loops: LinkLoops | undefined;
  // The folder of the last entry: the next one is most likely in it, too.
  #folder: {path: RemotePath; opened: OpenedFolder} | undefined;

  /** @param loops knows which folders are loops; without it there are entries of files alone. */
  constructor(root: Root, base: RemotePath, loops: LinkLoops | undefined) {
    this.#root = root;
    this.#base = base;
    this.#loops = loops;
  }

  /**
   * The entry of `found`, a path under the base; with a slash at its end, of a folder alone.
   * Undefined if it is gone, and for a folder that a link makes a loop: it is not entered, and
   * would seem to be empty.
   */
  entry(found: string): Entry | undefined {
    const name = found.replace(/\/$/, '');
    try {
      const entry = this.#stateOf(name);
      return entry?.type === 'folder'
        ? this.#folderEntry(entry)
        : name === found
          ? entry
          : undefined;
    } catch {
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    if (this.#folder !== undefined) {
      closeFolder(this.#folder.opened);
    }

    this.#folder = undefined;
  }

  #folderEntry(entry: Entry): Entry | undefined {
    return this.#loops?.leadsBack(parseRemotePath(entry.name)) === false ? entry : undefined;
  }

  #stateOf(name: string): Entry | undefined {
    const path = joinRemotePath(this.#base, name);
    const stats = lstatIn(this.#folderOf(path).place, baseName(path));
    if (stats === undefined) {
      return undefined;
    }

    const target = stats.isSymbolicLink() ? this.#root.stat(path) : stats;
    const type = typeOf(target);
    const mtimeMs = 'mtimeNs' in target ? mtimeMsOf(target) : target.mtimeMs;
    const size = type === 'file' ? Number(target.size) : 0;
    return type === 'other' ? undefined : {name, type, size, mtimeMs};
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
