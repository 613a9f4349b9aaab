/**
 * Handles names that look like masks. A part of a mask with brackets, braces or a `\` may be a real name, such as
 * `Show [1080p]`. If such a file or folder exists, the part is taken literally. `*` and `?` are always wildcards, because
 * they match themselves, too.
 */
import {isRemotePath, type RemotePath} from '../remote-path.ts';
import {literalMask} from './literal-mask.ts';

/**
 * `masks`, in which leading parts that exist as names are literal.
 *
 * @param exists whether a path exists under the searched folder.
 */
export async function namesFirst(
  masks: readonly string[],
  exists: (path: RemotePath) => Promise<boolean>,
): Promise<string[]> {
  return await Promise.all(masks.map(mask => nameFirst(mask, exists)));
}

/** Whether `namesFirst` may change some of the masks. */
export function mayBeNames(masks: readonly string[]): boolean {
  return masks.some(isLikeMask);
}

async function nameFirst(
  mask: string,
  exists: (path: RemotePath) => Promise<boolean>,
): Promise<string> {
  const sign = mask.startsWith('!') ? '!' : '';
  const parts = mask.slice(sign.length).split('/');
  const wildcard = parts.findIndex(part => /[*?]/.test(part));
  // Find the longest path of leading parts that exists; the parts after it stay a mask.
  for (let length = wildcard === -1 ? parts.length : wildcard; length > 0; length--) {
    const path = parts.slice(0, length).join('/');
    if (!isLikeMask(path)) {
      break;
    }

    if (path !== '' && isRemotePath(path) && (await exists(path))) {
      return sign + [literalMask(path), ...parts.slice(length)].join('/');
    }
  }

  return mask;
}

function isLikeMask(path: string): boolean {
  return /[[\]{}\\]/.test(path);
}
