/** Paths as fast-glob writes them: the folder that is searched is `/top`. */
import process from 'node:process';
import {showLineEnds} from '../../../../protocol/masks/mask-line-ends.ts';
import {parseRemotePath, type RemotePath} from '../../../../protocol/remote-path.ts';

/**
 * The name of the folder that is searched. fast-glob gives some names at the front of a path a meaning
 * of their own (`..a` and `.\\a` lead elsewhere), so no name of a client's is there.
 */
export const topFolder = 'top';

/** Whether `path` is the root above `/top`. */
export function isAboveTop(path: string): boolean {
  return plain(path) === '/';
}

/** `/top/a/b` as a path under the folder that is searched. */
export function underTop(path: string): RemotePath {
  return parseRemotePath(showLineEnds(plain(path).slice(topFolder.length + 2)));
}

/** Without the drive and the separators of Windows, where fast-glob adds them. */
function plain(path: string): string {
  return process.platform === 'win32' ? path.replace(/^[a-z]:/i, '').replaceAll('\\', '/') : path;
}
