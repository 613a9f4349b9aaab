/**
 * The folder that downloads go to, kept open; it is the only way to paths below it. On Linux each step starts at the
 * descriptor of the folder above and follows no link, so that nothing outside is touched, whatever is swapped
 * meanwhile. On other systems each part is checked before it is used, which a well-timed swap can defeat;
 * docs/architecture.md says so.
 *
 * All calls are synchronous: each takes microseconds.
 */
import {closeSync, lstatSync, realpathSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {isOutOfFiles, JangadaError} from '../../../../protocol/errors.ts';
import {makePath, noFolderThere} from '../../system/make-path.ts';
import {isNew} from '../../system/new-folders.ts';
import {isSystemError, localError} from '../../terms/local-error.ts';
import {openFiles} from '../open-files.ts';
import {
  childPath,
  diskOf,
  exists,
  type FolderToFlush,
  foldersToFlush,
  type Held,
  isSame,
  letGo,
  makeFolder,
  onLinux,
  openFolder,
  use,
} from './held-folder.ts';

/** Number of folders that stay open without users. */
const maxIdle = Math.min(64, openFiles.folders);

/** One folder at or below the target, open until `release`. */
export type OpenFolder = {
  /** Absolute path, to be shown to the user. */
  readonly path: string;
  /** The path by which system calls reach `name` in this folder. */
  at(name: string): string;
  /** The descriptor of the open folder; undefined on systems without folder descriptors. */
  readonly fd?: number | undefined;
  /** Whether this process made the folder a moment ago and has used it since, so that nothing else can be in it. */
  readonly isMade: boolean;
  /** Its disk, and the bytes that this user may still write; undefined if the system does not report them. */
  disk(): {device: number; freeBytes: number} | undefined;
  /** This folder, and the folders that must be flushed with it. */
  toFlush(): FolderToFlush[];
  release(): void;
};

export class TargetFolder implements Disposable {
  /** Absolute path as the user gave it. */
  readonly path: string;
  /** The path without links: each folder has only one. */
  readonly realPath: string;
  readonly #root: Held;
  readonly #held = new Map<string, Held>();

  /**
   * Open the folder at `path`; it is made if it does not exist. Links in `path` are followed, because the user gave it.
   *
   * @throws JangadaError `local_io`, `unsafe_target`.
   */
  constructor(path: string) {
    this.path = resolve(path);
    try {
      makePath(this.path);
      this.realPath = realpathSync(this.path);
      // Without folder descriptors, paths begin at the folder that existed at the start.
      const path = onLinux ? this.path : this.realPath;
      const {realPath} = this;
      const isMade = isNew(realPath);
      this.#root = {path, realPath, fd: openFolder(realPath), users: 0, parent: undefined, isMade};
    } catch (error) {
      throw localError(error, this.path);
    }
  }

  /**
   * The folder at `names` below this one. Missing folders are made.
   *
   * @throws JangadaError `unsafe_target` if a part is a link or not a folder, `local_io`.
   */
  open(names: readonly string[]): OpenFolder {
    let held = this.#root;
    let key = '';
    for (const name of names) {
      key += `/${name}`;
      held = this.#known(held, key, name) ?? this.#step(held, key, name);
    }

    return this.#lend(held);
  }

  /** The same without making folders: undefined if a part is missing. */
  openExisting(names: readonly string[]): OpenFolder | undefined {
    let held = this.#root;
    let key = '';
    for (const name of names) {
      key += `/${name}`;
      const known = this.#known(held, key, name);
      if (known === undefined && !exists(childPath(held, name))) {
        return undefined;
      }

      held = known ?? this.#step(held, key, name);
    }

    return this.#lend(held);
  }

  [Symbol.dispose](): void {
    for (const held of [...this.#held.values(), this.#root]) {
      if (held.fd !== undefined) {
        closeSync(held.fd);
        held.fd = undefined;
      }
    }

    this.#held.clear();
  }

  /** Whether the folder is still where it was opened. While it has users, that is assumed. */
  get isThere(): boolean {
    return this.#root.users > 0 || isSame(this.#root.fd, this.path);
  }

  /** The open folder, unless it was moved or removed since its last use. */
  #known(parent: Held, key: string, name: string): Held | undefined {
    const held = this.#held.get(key);
    if (held === undefined || held.users > 0) {
      return held;
    }

    if (!isSame(held.fd, childPath(parent, name))) {
      this.#close(key, held);
      return undefined;
    }

    // The folder above may have been closed and opened again.
    held.parent = parent;
    return held;
  }

  #close(key: string, held: Held): void {
    this.#held.delete(key);
    if (held.fd !== undefined) {
      closeSync(held.fd);
    }
  }

  #step(parent: Held, key: string, name: string): Held {
    if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
      throw new JangadaError('unsafe_target', 'A name would lead out of the target folder');
    }

    const child = childPath(parent, name);
    const path = join(parent.path, name);
    // Keep the folders above open until this one is open.
    use(parent, 1);
    try {
      const isMade = makeFolder(parent, name);
      if (!onLinux && !lstatSync(child).isDirectory()) {
        throw new JangadaError('unsafe_target', `${path} is not a folder`);
      }

      const realPath = join(parent.realPath, name);
      const held = {path, realPath, fd: this.#openFolder(child), users: 0, parent, isMade};
      this.#closeIdle(maxIdle);
      this.#held.set(key, held);
      return held;
    } catch (error) {
      throw isSystemError(error, 'ENOENT') ? noFolderThere(path, error) : localError(error, path);
    } finally {
      use(parent, -1);
    }
  }

  /** If no descriptor is left, close the folders without users. */
  #openFolder(path: string): number | undefined {
    let fd: number | undefined;
    try {
      fd = openFolder(path);
    } catch (error) {
      if (!isOutOfFiles(error)) {
        throw error;
      }

      this.#closeIdle(0);
      fd = openFolder(path);
    }

    if (fd !== undefined) {
      openFiles.opened();
    }

    return fd;
  }

  #closeIdle(most: number): void {
    for (const [key, held] of this.#held) {
      if (this.#held.size < most) {
        return;
      }

      if (held.users === 0) {
        this.#close(key, held);
      }
    }
  }

  #lend(held: Held): OpenFolder {
    use(held, 1);
    let released = false;
    const closeIdle = () => this.#closeIdle(maxIdle);
    return {
      path: held.path,
      at: name => childPath(held, name),
      fd: held.fd,
      isMade: held.isMade,
      disk: () => diskOf(held),
      toFlush: () => foldersToFlush(held),
      release() {
        if (!released) {
          released = true;
          letGo(held);
          closeIdle();
        }
      },
    };
  }
}
