import type {DigestShelf} from '../indexes/digest-shelf.ts';
import {type DigestsOption, openShelf} from '../indexes/shelves/open-shelf.ts';
import {isBucketUrl} from '../store/bucket/s3/bucket-place.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where to keep the digests of a root for the next start. A bucket keeps them itself, unless the user chose another place.
 *
 * @throws as `openShelf`.
 */
export function keptDigests(
  option: DigestsOption | undefined,
  root: string,
  environment: Environment,
): {shelf: DigestShelf | undefined; keepsDigests: boolean} {
  return option === undefined && isBucketUrl(root)
    ? {shelf: undefined, keepsDigests: true}
    : {shelf: openShelf(option, root, environment), keepsDigests: false};
}
