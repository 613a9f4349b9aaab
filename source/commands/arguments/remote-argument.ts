/**
 * Paths and masks as a user writes them: relative to the folder in the server's address, or to the root. A path that
 * leads out of the root is refused here, before jangada connects.
 */
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {maxMaskLength} from '../../../protocol/messages.ts';
import {
  isRemotePath,
  joinRemotePath,
  parseRemotePath,
  type RemotePath,
} from '../../../protocol/remote-path.ts';

/**
 * The remote path of FILE below `base`.
 *
 * @throws JangadaError `usage` for an empty path, or one that leads out of the root.
 */
export function filePath(base: RemotePath, text: string): RemotePath {
  if (text === '') {
    throw new JangadaError('usage', 'FILE is empty. Write its path under the served folder');
  }

  return below(base, text);
}

/**
 * The remote path of the folder PATH below `base`; one slash at its end is fine. @throws as
 * above.
 */
export function folderPath(base: RemotePath, text: string): RemotePath {
  const path = text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text;
  return path === '' ? base : below(base, path);
}

/**
 * Refuse masks that can match nothing under the root, and excludes without a mask: alone, they would match everything
 * else.
 *
 * @throws JangadaError `usage`.
 */
export function checkMasks(masks: readonly string[]): void {
  for (const mask of masks) {
    const glob = mask.startsWith('!') ? mask.slice(1) : mask;
    if (glob === '' || glob.length > maxMaskLength) {
      throw new JangadaError(
        'usage',
        glob === '' ? 'A mask is empty' : `A mask is longer than ${maxMaskLength} characters`,
      );
    }

    if (glob.split('/').some((part, at) => (part === '' && at === 0) || /^\.{1,2}$/.test(part))) {
      throw refused(mask);
    }
  }

  const [exclude] = masks;
  if (exclude !== undefined && masks.every(mask => mask.startsWith('!'))) {
    const shown = displayName(exclude);
    throw new JangadaError(
      'usage',
      `'${shown}' only excludes. Write '**' '${shown}' for everything else, or '\\${shown}' for what has that name`,
    );
  }
}

function below(base: RemotePath, text: string): RemotePath {
  try {
    parseRemotePath(text);
    return joinRemotePath(base, text);
  } catch (error) {
    throw refused(text, error);
  }
}

function refused(text: string, cause?: unknown): JangadaError {
  const why = cause instanceof Error ? ` (${cause.message.replace(/^[^:]*: /, '')})` : '';
  const instead = text
    .split('/')
    .filter(name => name !== '' && name !== '.')
    .join('/');
  const advice =
    instead !== '' && instead !== text && isRemotePath(instead)
      ? `write '${displayName(instead)}'`
      : "paths are relative to the served folder, without '.' and '..'";
  return new JangadaError('usage', `'${displayName(text)}' is refused${why}: ${advice}`, {cause});
}
