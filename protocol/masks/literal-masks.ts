/**
 * Names that look like masks. A part of a mask with brackets, braces or a `\` may be the very name
 * of something, `Show [1080p]` for one. Where it is, the name wins: the part is taken as it stands.
 * `*` and `?` are always signs, for they match themselves, too.
 */
import {isRemotePath, type RemotePath} from '../remote-path.ts';
import {literalMask} from './literal-mask.ts';

/**
 * `masks`, with the parts in front that name something there taken literally.
 *
 * @param exists whether there is something at that path under the folder that is searched.
 */
export async function namesFirst(
  masks: readonly string[],
  exists: (path: RemotePath) => Promise<boolean>,
): Promise<string[]> {
  return await Promise.all(masks.map(mask => nameFirst(mask, exists)));
}

async function nameFirst(
  mask: string,
  exists: (path: RemotePath) => Promise<boolean>,
): Promise<string> {
  const sign = mask.startsWith('!') ? '!' : '';
  const parts = mask.slice(sign.length).split('/');
  const wildcard = parts.findIndex(part => /[*?]/.test(part));
  // The longest path of parts that may be names; those behind it are a mask as ever.
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
