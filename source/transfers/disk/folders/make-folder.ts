/** Folders for their own sake, also without a file in them. */
import {join} from 'node:path';
import {JangadaError} from '../../../../protocol/errors.ts';
import {isNew} from '../../system/new-folders.ts';
import type {Flusher} from '../flush.ts';
import {localNames} from '../local-name.ts';
import type {TargetFolder} from '../target-folder.ts';

export type MadeFolder = {path: string; made: boolean};

export class NewFolders {
  readonly #flusher: Flusher;
  /** Folders that were made, and may not be flushed. */
  #made: Array<{target: TargetFolder; names: readonly string[]}> = [];

  constructor(flusher: Flusher) {
    this.#flusher = flusher;
  }

  /**
   * See to it that there is a folder at `localPath`, a remote path, below `target`; no link is
   * followed on the way.
   *
   * @returns its absolute path, and whether it was made now.
   * @throws JangadaError `unsafe_target` where a part of it is a link or a file, `local_io`, `no_space`.
   */
  make(target: TargetFolder, localPath: string): MadeFolder {
    const names = localNames(localPath);
    if (names === undefined) {
      throw new JangadaError('unsafe_target', 'The name would leave the target folder');
    }

    const existing = target.openExisting(names);
    const folder = existing ?? target.open(names);
    folder.release();
    if (existing === undefined) {
      this.#made.push({target, names});
    }

    return {path: folder.path, made: existing === undefined};
  }

  /** Flush the names of those that were made, each folder that they lie in once. @throws JangadaError `local_io`. */
  async flush(): Promise<void> {
    const made = this.#made;
    this.#made = [];
    for (const {target, names} of made) {
      if (isNew(join(target.realPath, ...names))) {
        const parent = target.openExisting(names.slice(0, -1));
        try {
          await this.#flusher.flushFolders(parent === undefined ? [] : [parent]);
        } finally {
          parent?.release();
        }
      }
    }
  }
}
