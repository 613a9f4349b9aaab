/** The places where the local copy of a remote file may lie. */
import {basename, dirname, relative, sep} from 'node:path';
import {baseName, type RemotePath} from '../../../protocol/remote-path.ts';
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
 * The local path that a download gives `path`, whichever folder is on the screen: from `base` on, the folder of the
 * server's address, or all of it where it lies elsewhere.
 */
export function localPathOf(path: RemotePath, base: RemotePath): string {
  return isBelow(path, base) && base !== '' ? path.slice(base.length + 1) : path;
}

/** Whether `path` lies in `folder`, at any depth. */
function isBelow(path: RemotePath, folder: RemotePath): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}

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
  const saved = transfer?.state.name === 'done' ? [placeOf(transfer.target, folder)] : [];
  const froms = [base, shown].map(from => localPathOf(path, from));
  const names = new Set([...froms, baseName(path), path]);
  return [...saved, ...Array.from(names, localPath => ({folder, localPath}))];
}

/** The place of `file`, an absolute path: in `folder`, or where it lies. */
function placeOf(file: string, folder: string): CopyPlace {
  const localPath = relative(folder, file);
  return localPath === '..' || localPath.startsWith(`..${sep}`)
    ? {folder: dirname(file), localPath: basename(file)}
    : {folder, localPath: localPath.split(sep).join('/')};
}
