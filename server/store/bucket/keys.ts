/**
 * Paths and keys. The key of a file is its path behind the prefix of the bucket, and nothing is escaped. A key that
 * makes no path (`a//b`, `./a`, a name over 255 bytes) has no file: it is not shown, and cannot be asked for.
 */
import {Buffer} from 'node:buffer';
import {
  isRemotePath,
  partialSuffix,
  type RemotePath,
  rootPath,
} from '../../../protocol/remote-path.ts';
import {notFound, refusePartial} from '../store-errors.ts';

/** The folder that digests are kept in, and that nobody sees, wherever it is. */
export const digestsFolder = '.jangada-digests';

/** Bytes of the longest key that S3 has. */
const maxKeyBytes = 1024;

/** Whether a key can begin with `text`. */
export function isStartOfKey(text: string): boolean {
  return Buffer.byteLength(text) <= maxKeyBytes;
}

/**
 * The key of the file at `path`.
 *
 * @throws JangadaError `not_found` for a path that is too long for one.
 */
export function keyOf(prefix: string, path: RemotePath): string {
  const key = prefix + path;
  if (!isStartOfKey(key)) {
    throw notFound(path);
  }

  return key;
}

/** What the keys of all objects in the folder at `path` begin with. */
export function prefixOf(prefix: string, path: RemotePath): string {
  return path === rootPath ? prefix : `${prefix}${path}/`;
}

/** The path of `name`, which comes from a key and may be none, in the folder at `path`. */
export function below(path: RemotePath, name: string): string {
  return path === rootPath ? name : `${path}/${name}`;
}

/** Whether something at `path` is shown to clients; `path` comes from a key. */
export function isShown(path: string): path is RemotePath {
  return isRemotePath(path) && path !== rootPath && !isHidden(path) && !hasPartial(path);
}

/**
 * Refuse what is never served. Keys are UTF-8, so that no key has a name that is not.
 *
 * @throws JangadaError `forbidden` for partials, `not_found`.
 */
export function refuseHidden(path: RemotePath): void {
  refusePartial(path);
  if (isHidden(path) || !path.isWellFormed()) {
    throw notFound(path);
  }
}

function isHidden(path: string): boolean {
  return path.includes(digestsFolder) && path.split('/').includes(digestsFolder);
}

function hasPartial(path: string): boolean {
  return path.includes(partialSuffix) && path.split('/').some(name => name.endsWith(partialSuffix));
}
