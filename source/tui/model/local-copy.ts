/** The paths where the local copy of a remote file may be. */
import {basename, dirname, relative, sep} from 'node:path';
import {baseName, type RemotePath} from '../../../protocol/remote-path.ts';
import {type ChosenFile, localPathOf} from '../../transfers/download/chosen-files.ts';
import type {CopyPlace} from '../../transfers/download/here/copy-look.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';

export type LocalCopy = {
  /** The folder in which it was saved, and its path below that, separated by `/`. */
  readonly folder: string;
  readonly localPath: string;
  /** Absolute path. */
  readonly file: string;
};

/**
 * First the path where its transfer has saved it; then the paths where a download, a command or another address would
 * save it: counted from the folder on the screen, from its own folder, or from the root.
 *
 * @param folder absolute path of the folder for downloads.
 * @param base the folder of the server's address.
 * @param shown the folder on the screen.
 */
export function copyPlaces(
  path: RemotePath,
  {
    folder,
    base,
    shown,
    transfer,
  }: {
    folder: string;
    base: RemotePath;
    shown: RemotePath;
    transfer: TransferSnapshot | undefined;
  },
): CopyPlace[] {
  const froms = [base, shown].map(from => localPathOf(path, from));
  return places([...froms, baseName(path), path], {folder, transfer});
}

/**
 * The same for a file of a chosen tree. Only its path in the tree counts: a file of the same name elsewhere is another
 * file.
 */
export function treePlaces(
  {remotePath, localPath, chosenIn}: Pick<ChosenFile, 'remotePath' | 'localPath' | 'chosenIn'>,
  saved: {folder: string; transfer: TransferSnapshot | undefined},
): CopyPlace[] {
  return places([localPath, localPathOf(remotePath, chosenIn), remotePath], saved);
}

function places(
  names: readonly string[],
  {folder, transfer}: {folder: string; transfer: TransferSnapshot | undefined},
): CopyPlace[] {
  const saved = transfer?.state.name === 'done' ? [placeOf(transfer.target, folder)] : [];
  return [...saved, ...Array.from(new Set(names), localPath => ({folder, localPath}))];
}

/** The place of `file`, an absolute path: relative to `folder`, or in its own folder. */
function placeOf(file: string, folder: string): CopyPlace {
  const localPath = relative(folder, file);
  return localPath === '..' || localPath.startsWith(`..${sep}`)
    ? {folder: dirname(file), localPath: basename(file)}
    : {folder, localPath: localPath.split(sep).join('/')};
}
