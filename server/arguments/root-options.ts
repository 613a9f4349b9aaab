import {isBucketUrl, parseBucketUrl, parseEndpoint} from '../store/bucket/s3/bucket-place.ts';
import {defined, integer, nonEmpty, usage} from './values.ts';

/** The options that only a bucket or only a folder takes. */
type Given = {s3Endpoint?: string | undefined; workers?: string | undefined};

/**
 * The S3 endpoint of a bucket, or the number of threads for a folder.
 *
 * @throws JangadaError `usage` for a URL without a bucket, an invalid endpoint, or an option of the other kind of root.
 */
export function rootOptions(root: string, given: Given): {s3Endpoint?: string; workers?: number} {
  const endpoint = nonEmpty('s3-endpoint', given.s3Endpoint);
  const workers = integer('workers', given.workers, 1, 256);
  if (isBucketUrl(root)) {
    parseBucketUrl(root);
    if (workers !== undefined) {
      throw usage(
        '--workers is for folders: the server hashes the bytes of a bucket while it receives them',
      );
    }
  } else if (endpoint !== undefined) {
    throw usage('--s3-endpoint is for buckets: jangada-server s3://BUCKET --s3-endpoint URL');
  }

  if (endpoint !== undefined) {
    parseEndpoint(endpoint);
  }

  return {...defined('s3Endpoint', endpoint), ...defined('workers', workers)};
}
