import {isBucketUrl, parseBucketUrl, parseEndpoint} from '../store/bucket/s3/bucket-place.ts';
import {usage} from './values.ts';

/**
 * The service of the bucket that is served, if one is named.
 *
 * @throws JangadaError `usage` for a URL that names no bucket, or an endpoint that is of no use.
 */
export function bucketOptions(root: string, endpoint: string | undefined): {s3Endpoint?: string} {
  if (isBucketUrl(root)) {
    parseBucketUrl(root);
  } else if (endpoint !== undefined) {
    throw usage('--s3-endpoint goes with a bucket: jangada-server s3://BUCKET --s3-endpoint URL');
  }

  if (endpoint === undefined) {
    return {};
  }

  parseEndpoint(endpoint);
  return {s3Endpoint: endpoint};
}
