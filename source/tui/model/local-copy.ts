/** The places where the local copy of a remote file may lie. */
import {basename, dirname, relative, sep} from 'node:path';
import {baseName, type RemotePath} from '../../../protocol/remote-path.ts';
import {type ChosenFile, localPathOf} from '../../transfers/download/chosen-files.ts';
import type {CopyPlace} from '../../transfers/download/here/copy-look.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';

export type LocalCopy = {
  /** The folder that it was saved in, and the path in there, `/`-separated. */
  readonly folder: string;
  readonly localPath: string;
  /** Absolute path. */
  readonly file: string;
};

/**
 * Where its transfer has saved it comes first; then where a download would save it, and where a command or another
 * address would have: from the folder on the screen, from its own, or from the root.
 *
 * @param folder absolute path of the folder that downloads are saved in.
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
 * The same for a file of a tree that was chosen, which is found nowhere but at its place in the tree: another file of its
 * name is another file.
 */
export function treePlaces(
  {remotePath, localPath, chosenIn}: ChosenFile,
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

/** The place of `file`, an absolute path: in `folder`, or where it lies. */
function placeOf(file: string, folder: string): CopyPlace {
  const localPath = relative(folder, file);
  return localPath === '..' || localPath.startsWith(`..${sep}`)
    ? {folder: dirname(file), localPath: basename(file)}
    : {folder, localPath: localPath.split(sep).join('/')};
}
