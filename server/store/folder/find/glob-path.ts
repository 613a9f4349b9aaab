/** Paths in the form of fast-glob: the searched folder is `/top`. */
import process from 'node:process';
import {showLineEnds} from '../../../../protocol/masks/mask-line-ends.ts';
import {parseRemotePath, type RemotePath} from '../../../../protocol/remote-path.ts';

/**
 * The name of the searched folder for fast-glob. fast-glob treats some names at the front of a path specially (`..a` and
 * `.\\a` lead elsewhere), so a path never begins with a name of a client.
 */
export const topFolder = 'top';

/** Whether `path` is the root above `/top`. */
export function isAboveTop(path: string): boolean {
  return plain(path) === '/';
}

/** Converts `/top/a/b` to a path under the searched folder. */
export function underTop(path: string): RemotePath {
  return parseRemotePath(showLineEnds(plain(path).slice(topFolder.length + 2)));
}

/** Remove the drive and the separators of Windows that fast-glob adds. */
function plain(path: string): string {
  return process.platform === 'win32' ? path.replace(/^[a-z]:/i, '').replaceAll('\\', '/') : path;
}
