import {isBucketUrl, parseBucketUrl, parseEndpoint} from '../store/bucket/s3/bucket-place.ts';
import {defined, integer, nonEmpty, usage} from './values.ts';

/** What is for a bucket or for a folder alone. */
type Given = {s3Endpoint?: string | undefined; workers?: string | undefined};

/**
 * The service of the bucket that is served, if one is named; the threads for the folder.
 *
 * @throws JangadaError `usage` for a URL that names no bucket, an endpoint that is of no use, and what is for the other kind of root.
 */
export function rootOptions(root: string, given: Given): {s3Endpoint?: string; workers?: number} {
  const endpoint = nonEmpty('s3-endpoint', given.s3Endpoint);
  const workers = integer('workers', given.workers, 1, 256);
  if (isBucketUrl(root)) {
    parseBucketUrl(root);
    if (workers !== undefined) {
      throw usage('--workers goes with a folder: what comes from a bucket is hashed as it comes');
    }
  } else if (endpoint !== undefined) {
    throw usage('--s3-endpoint goes with a bucket: jangada-server s3://BUCKET --s3-endpoint URL');
  }

  if (endpoint !== undefined) {
    parseEndpoint(endpoint);
  }

  return {...defined('s3Endpoint', endpoint), ...defined('workers', workers)};
}
