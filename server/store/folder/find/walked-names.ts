/**
 * The names in folders, as a walk sees them: partial files do not exist, a link looks like the file or folder that it leads
 * to, and a name whose path would be too long is recorded as unsearched.
 */
import type {Dirent} from 'node:fs';
import {isJangadaError} from '../../../../protocol/errors.ts';
import type {MaskJudge} from '../../../../protocol/masks/mask-judge.ts';
import {hideLineEnds} from '../../../../protocol/masks/mask-line-ends.ts';
import type {EntryType} from '../../../../protocol/messages.ts';
import {
  isRemotePath,
  joinRemotePath,
  maxNameBytes,
  partialSuffix,
  type RemotePath,
  rootPath,
} from '../../../../protocol/remote-path.ts';
import {storeError} from '../../store-errors.ts';
import {typeOf} from '../root/file-state.ts';
import {lstatIn, nameFromLatin1} from '../root/folder-names.ts';
import type {OpenedFolder, Root} from '../root/root.ts';
import {SeenName} from './seen-name.ts';
import type {UnsearchedPlaces} from './unsearched-places.ts';

/** A name with at most this many characters always has at most `maxNameBytes` bytes. */
const shortNameLength = Math.floor(maxNameBytes / 3);

/** A folder whose names are being read. */
export type OpenNames = {
  /** Its path under the base. */
  path: RemotePath;
  folder: OpenedFolder;
  /** Whether the path of every name in it is short enough. */
  roomy: boolean;
};

export type WalkedNamesOptions = {
  root: Root;
  /** The searched folder. */
  base: RemotePath;
  /** The shared numbers of find-messages.ts, which show the progress of the walk. */
  state: Int32Array;
  judge: MaskJudge;
  /** Collects the places that cannot be read. */
  unsearched: UnsearchedPlaces;
};

export class WalkedNames {
  readonly #root: Root;
  readonly #base: RemotePath;
  readonly #state: Int32Array;
  readonly #judge: MaskJudge;
  readonly #unsearched: UnsearchedPlaces;

  constructor({root, base, state, judge, unsearched}: WalkedNamesOptions) {
    this.#root = root;
    this.#base = base;
    this.#state = state;
    this.#judge = judge;
    this.#unsearched = unsearched;
  }

  /** The name for the walk; undefined if the walk must not see it, or it does not exist for a client. */
  seen({path, folder, roomy}: OpenNames, dirent: Dirent): SeenName | undefined {
    const name = nameFromLatin1(dirent.name);
    if (name.endsWith(partialSuffix)) {
      return undefined;
    }

    if (!(roomy && name.length <= shortNameLength) && !this.#isPath(childOf(path, name))) {
      this.#tooDeep(path, name, dirent);
      return undefined;
    }

    const type = this.#typeOf(folder, path, dirent, name);
    return type === 'file' || type === 'folder'
      ? new SeenName(hideLineEnds(name), type, this.#state)
      : undefined;
  }

  #isPath(under: string): boolean {
    return isRemotePath(childOf(this.#base, under));
  }

  /** Record that something in the folder at `path` has a path that no client can request. */
  #tooDeep(path: RemotePath, name: string, dirent: Dirent): void {
    const child = childOf(path, name);
    const isWanted = dirent.isDirectory()
      ? !this.#judge.excludes(child, 'folder')
      : this.#judge.matches(child, 'file');
    if (isWanted) {
      this.#unsearched.addTooDeep(path);
    }
  }

  /** @param parent the path of the folder, under the base. */
  #typeOf(
    folder: OpenedFolder,
    parent: RemotePath,
    dirent: Dirent,
    name: string,
  ): EntryType | undefined {
    if (dirent.isFile()) {
      return 'file';
    }

    if (dirent.isDirectory()) {
      return 'folder';
    }

    const path = joinRemotePath(parent, name);
    try {
      // A link, or a file system that gives no types with names.
      const stats = dirent.isSymbolicLink() ? undefined : lstatIn(folder.place, name);
      return stats === undefined || stats.isSymbolicLink()
        ? typeOf(this.#root.stat(joinRemotePath(this.#base, path)))
        : typeOf(stats);
    } catch (error) {
      if (isJangadaError(storeError(error, path), 'not_found')) {
        // A link that leads out of the root, or nowhere, does not exist for clients.
        return undefined;
      }

      if (this.#judge.matches(path, 'file')) {
        this.#unsearched.add(path, error);
      }

      // It may be a folder: if the masks lead into it, the walk meets the error again and records it.
      return 'folder';
    }
  }
}

/** The path of `name` in a folder; it may be too long for a remote path. */
function childOf(folder: RemotePath, name: string): string {
  return folder === rootPath ? name : `${folder}/${name}`;
}
