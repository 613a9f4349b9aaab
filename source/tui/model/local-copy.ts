/** The place of a remote file's local copy, if there is one. */
import {basename, dirname, relative, sep} from 'node:path';
import {baseName, type RemotePath} from '../../../protocol/remote-path.ts';
import type {NewTransfer, Queue, TransferSnapshot} from '../../transfers/queue/queue.ts';

export type LocalCopy = {
  /** The folder that it was saved in, and the path in there, `/`-separated. */
  readonly folder: string;
  readonly localPath: string;
  /** Absolute path. */
  readonly file: string;
};

/** The local path of `path` when it is downloaded from `folder`: its path from that folder on. */
export function localPathOf(path: RemotePath, folder: RemotePath): string {
  return isBelow(path, folder) && folder !== '' ? path.slice(folder.length + 1) : path;
}

/** Whether `path` lies in `folder`, at any depth. */
export function isBelow(path: RemotePath, folder: RemotePath): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}

/**
 * The local copy of `path`: the file that its transfer saved, or else a file with one of the names that
 * it can be saved under. Undefined if there is none.
 */
export async function findLocalCopy(
  path: RemotePath,
  options: {
    queue: Queue;
    folder: string;
    shown: RemotePath;
    transfer: TransferSnapshot | undefined;
  },
): Promise<LocalCopy | undefined> {
  const {queue, folder, shown, transfer} = options;
  const saved = transfer?.state.name === 'done' ? [partsOf(transfer.target, folder)] : [];
  const names = new Set([localPathOf(path, shown), baseName(path), path]);
  const places = [...saved, ...Array.from(names, localPath => ({folder, localPath}))];
  // A file that would stand in the way of saving it there is its copy.
  const found = await queue.conflicts(
    places.map((place): NewTransfer => ({...place, remotePath: path, onConflict: 'fail'})),
  );
  const [first] = found;
  return first === undefined
    ? undefined
    : {folder: first.transfer.folder, localPath: first.transfer.localPath, file: first.path};
}

/** `file`, an absolute path, as a folder and a path in there: in `folder`, or where it lies. */
function partsOf(file: string, folder: string): {folder: string; localPath: string} {
  const localPath = relative(folder, file);
  return localPath === '..' || localPath.startsWith(`..${sep}`)
    ? {folder: dirname(file), localPath: basename(file)}
    : {folder, localPath: localPath.split(sep).join('/')};
}
