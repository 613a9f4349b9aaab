/** Folders for their own sake, also without a file in them. */
import {JangadaError} from '../../../protocol/errors.ts';
import {localNames} from './local-name.ts';
import type {TargetFolder} from './target-folder.ts';

export type MadeFolder = {path: string; made: boolean};

/**
 * See to it that there is a folder at `localPath`, a remote path, below `target`; no link is
 * followed on the way.
 *
 * @returns its absolute path, and whether it was made now.
 * @throws JangadaError `unsafe_target` where a part of it is a link or a file, `local_io`, `no_space`.
 */
export function makeFolder(target: TargetFolder, localPath: string): MadeFolder {
  const names = localNames(localPath);
  if (names === undefined) {
    throw new JangadaError('unsafe_target', 'The name would leave the target folder');
  }

  const existing = target.openExisting(names);
  const folder = existing ?? target.open(names);
  folder.release();
  return {path: folder.path, made: existing === undefined};
}
