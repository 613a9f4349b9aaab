/**
 * The folder that downloads go to, held open, and the only way to a path below it. On Linux
 * every step is taken from the descriptor of the folder before it, without following a link, so
 * whatever is swapped meanwhile, nothing outside is ever touched. Elsewhere each part is looked
 * at before it is used, which a well-timed swap can defeat; docs/architecture.md says so.
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

/** Folders that are kept open although nobody uses them at the moment. */
const maxIdle = Math.min(64, openFiles.folders);

/** One folder at or below the target, open until `release`. */
export type OpenFolder = {
  /** Absolute path, for people. */
  readonly path: string;
  /** The path by which system calls reach `name` in this folder. */
  at(name: string): string;
  /** The descriptor that it is held open with; undefined where folders have none. */
  readonly fd?: number | undefined;
  /** Whether this process made it a moment ago, and somebody here has used it since: nothing was in it. */
  readonly isMade: boolean;
  /** Its disk, and the bytes that this user may still write; undefined where the system does not tell. */
  disk(): {device: number; freeBytes: number} | undefined;
  /** This folder, and those that have to be flushed with it. */
  toFlush(): FolderToFlush[];
  release(): void;
};

export class TargetFolder implements Disposable {
  /** Absolute path as the user gave it. */
  readonly path: string;
  /** The same without links: one folder has one. */
  readonly realPath: string;
  readonly #root: Held;
  readonly #held = new Map<string, Held>();

  /**
   * Open the folder at `path`, made if it does not exist. Links on the way to it are followed: it is
   * the user's own word.
   *
   * @throws JangadaError `local_io`, `unsafe_target`.
   */
  constructor(path: string) {
    this.path = resolve(path);
    try {
      makePath(this.path);
      this.realPath = realpathSync(this.path);
      // Without descriptors of folders, paths begin at the folder that was there at the start.
      const path = onLinux ? this.path : this.realPath;
      const {realPath} = this;
      const isMade = isNew(realPath);
      this.#root = {path, realPath, fd: openFolder(realPath), users: 0, parent: undefined, isMade};
    } catch (error) {
      throw localError(error, this.path);
    }
  }

  /**
   * The folder at `names` below this one, made where it is missing.
   *
   * @throws JangadaError `unsafe_target` where a part is a link or no folder, `local_io`.
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

  /** The same without making anything: undefined where a part is missing. */
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

  /** Whether the folder itself is still where it was opened; while somebody uses it, it is taken to be. */
  get isThere(): boolean {
    return this.#root.users > 0 || isSame(this.#root.fd, this.path);
  }

  /** The folder as it is held open, unless it was moved or removed since somebody used it. */
  #known(parent: Held, key: string, name: string): Held | undefined {
    const held = this.#held.get(key);
    if (held === undefined || held.users > 0) {
      return held;
    }

    if (!isSame(held.fd, childPath(parent, name))) {
      this.#close(key, held);
      return undefined;
    }

    // The folder above may have been closed, and opened again.
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
      throw new JangadaError('unsafe_target', 'A name would leave the target folder');
    }

    const child = childPath(parent, name);
    const path = join(parent.path, name);
    // The way to it stays open until it is.
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

  /** Where no descriptor is left, those of folders that nobody uses are given up. */
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
