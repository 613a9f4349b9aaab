/**
 * Watches folders through the system, which costs nothing while nothing changes. Network disks are not watched: the
 * system does not report what other machines change there, and calls may hang.
 */
import {type FSWatcher, watch} from 'node:fs';
import {statfs} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import process from 'node:process';
import {localNames} from '../../disk/local-name.ts';
import type {CopyPlace} from './copy-look.ts';

/** File systems on disks of this machine, by Linux's type number. */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0x01021994, // tmpfs
  0x794c7630, // overlay
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
  0x4d44, // FAT
  0x2011bab0, // exFAT
  0x7366746e, // NTFS
]);

/** Each folder uses one of the system's watches for this user. */
const mostFolders = 8;

export class FolderWatch {
  readonly #changed: () => void;
  readonly #watchers = new Map<string, FSWatcher | undefined>();

  /** @param changed is called when something may have changed in one of the folders. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /**
   * Watch the folders of these places, the first eight, and no others. A folder that does not exist or cannot be
   * watched is left out.
   */
  set places(places: readonly CopyPlace[]) {
    const parents = places.flatMap(({folder, localPath}) => {
      const names = localNames(localPath);
      return names === undefined ? [] : dirname(join(folder, ...names));
    });
    const paths = [...new Set(parents)].slice(0, mostFolders);
    for (const [path, watcher] of this.#watchers) {
      if (!paths.includes(path)) {
        this.#watchers.delete(path);
        watcher?.close();
      }
    }

    for (const path of paths) {
      if (!this.#watchers.has(path)) {
        this.#watchers.set(path, undefined);
        void this.#watch(path);
      }
    }
  }

  close(): void {
    this.places = [];
  }

  async #watch(path: string): Promise<void> {
    // This first call may hang; it is asynchronous, so it delays nothing.
    const isLocal = await statfs(path).then(
      ({type}) => process.platform !== 'linux' || localTypes.has(type >>> 0),
      () => undefined,
    );
    if (isLocal === undefined) {
      // The folder does not exist now. It may exist the next time that it is wanted.
      this.#forget(path);
    }

    if (isLocal !== true || !this.#watchers.has(path) || this.#watchers.get(path) !== undefined) {
      return;
    }

    try {
      const watcher = watch(path, {persistent: false}, (_, name) => {
        if (name === basename(path)) {
          // The folder itself may have been removed or renamed: then this watcher reports nothing more.
          this.#forget(path);
        }

        this.#changed();
      });
      this.#watchers.set(path, watcher);
      watcher.on('error', () => this.#forget(path));
      // Changes before this moment were not reported.
      this.#changed();
    } catch {
      // The system has no watch left, or the folder is gone. The copies are looked up again while the user uses the
      // screen.
    }
  }

  #forget(path: string): void {
    this.#watchers.get(path)?.close();
    this.#watchers.delete(path);
  }
}
