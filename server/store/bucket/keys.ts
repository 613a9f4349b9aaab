/**
 * Converts between paths and keys. The key of a file is the prefix of the bucket followed by the path, without escapes. A
 * key that is no valid path (`a//b`, `./a`, a name over 255 bytes) is neither shown nor served.
 */
import {Buffer} from 'node:buffer';
import {
  isRemotePath,
  partialSuffix,
  type RemotePath,
  rootPath,
} from '../../../protocol/remote-path.ts';
import {notFound, refusePartial} from '../store-errors.ts';

/** The name of the folder with digests. Clients never see a folder with this name. */
export const digestsFolder = '.jangada-digests';

/** The longest key of S3, in bytes. */
const maxKeyBytes = 1024;

/** Whether a key can begin with `text`. */
export function isStartOfKey(text: string): boolean {
  return Buffer.byteLength(text) <= maxKeyBytes;
}

/**
 * The key of the file at `path`.
 *
 * @throws JangadaError `not_found` for a path that is too long for a key.
 */
export function keyOf(prefix: string, path: RemotePath): string {
  const key = prefix + path;
  if (!isStartOfKey(key)) {
    throw notFound(path);
  }

  return key;
}

/** The prefix of the keys of all objects in the folder at `path`. */
export function prefixOf(prefix: string, path: RemotePath): string {
  return path === rootPath ? prefix : `${prefix}${path}/`;
}

/** The path of `name` in the folder at `path`; `name` comes from a key, so the result may be no valid path. */
export function below(path: RemotePath, name: string): string {
  return path === rootPath ? name : `${path}/${name}`;
}

/** Whether clients may see `path`, which comes from a key. */
export function isShown(path: string): path is RemotePath {
  return isRemotePath(path) && path !== rootPath && !isHidden(path) && !hasPartial(path);
}

/**
 * Refuse paths that the server never serves; also names that are not UTF-8, because keys always are.
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
