/** Makes folders that are wanted themselves, even if no file goes into them. */
import {join} from 'node:path';
import {JangadaError} from '../../../../protocol/errors.ts';
import {isNew} from '../../system/new-folders.ts';
import type {Flusher} from '../flush.ts';
import {localNames} from '../local-name.ts';
import {openFiles} from '../open-files.ts';
import type {OpenFolder, TargetFolder} from './target-folder.ts';

export type MadeFolder = {path: string; made: boolean};

type Made = {target: TargetFolder; names: readonly string[]};

/** Number of made folders whose parents are flushed together, and are open meanwhile. */
const flushedAtOnce = Math.min(64, openFiles.folders);

export class FolderMaker {
  readonly #flusher: Flusher;
  /** Folders that were made and are perhaps not flushed yet. */
  #made: Made[] = [];

  constructor(flusher: Flusher) {
    this.#flusher = flusher;
  }

  /**
   * Make sure that there is a folder at `localPath`, a remote path, below `target`. Links on the way are not followed.
   *
   * @returns its absolute path, and whether it was made now.
   * @throws JangadaError `unsafe_target` if a part of the path is a link or a file, `local_io`, `no_space`.
   */
  make(target: TargetFolder, localPath: string): MadeFolder {
    const names = localNames(localPath);
    if (names === undefined) {
      throw new JangadaError('unsafe_target', 'The name would lead out of the target folder');
    }

    const existing = target.openExisting(names);
    const folder = existing ?? target.open(names);
    folder.release();
    if (existing === undefined) {
      this.#made.push({target, names});
    }

    return {path: folder.path, made: existing === undefined};
  }

  /** Flush the names of the made folders; each parent folder is flushed once. @throws JangadaError `local_io`. */
  async flush(): Promise<void> {
    const made = this.#made;
    this.#made = [];
    for (let from = 0; from < made.length; from += flushedAtOnce) {
      await this.#flush(made.slice(from, from + flushedAtOnce));
    }
  }

  async #flush(made: readonly Made[]): Promise<void> {
    const parents = new Map<string, OpenFolder>();
    try {
      for (const {target, names} of made) {
        const above = names.slice(0, -1);
        const path = join(target.realPath, ...above);
        const parent =
          parents.has(path) || !isNew(join(target.realPath, ...names))
            ? undefined
            : target.openExisting(above);
        if (parent !== undefined) {
          parents.set(path, parent);
        }
      }

      await this.#flusher.flushFolders(parents.values());
    } finally {
      for (const parent of parents.values()) {
        parent.release();
      }
    }
  }
}
