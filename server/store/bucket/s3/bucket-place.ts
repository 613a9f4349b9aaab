/** The place of a bucket and its credentials, from a URL, options and the environment. */
import {displayName} from '../../../../protocol/display-text.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import {isRemotePath} from '../../../../protocol/remote-path.ts';
import {type Credentials, type Environment, findCredentials} from './credentials.ts';

export type BucketPlace = {
  readonly bucket: string;
  /** The prefix of the keys of all served objects: empty, or with a slash at its end. */
  readonly prefix: string;
  /** Scheme, host and port of the service. */
  readonly endpoint: URL;
  readonly region: string;
  readonly credentials: Credentials;
};

export const bucketScheme = 's3://';

/** The default region of AWS; services without regions accept it. */
const defaultRegion = 'us-east-1';

/** Whether `root` names a bucket instead of a folder. */
export function isBucketUrl(root: string): boolean {
  return root.startsWith(bucketScheme);
}

/**
 * The place of the bucket at `url`, which is `s3://BUCKET` or `s3://BUCKET/PREFIX`.
 *
 * @param endpoint the URL of the service. Default: the one in the environment, or AWS in the region.
 * @throws JangadaError `usage` for an invalid URL or region, `forbidden` without credentials.
 */
export function bucketPlace(
  url: string,
  endpoint: string | undefined,
  environment: Environment,
): BucketPlace {
  const {bucket, prefix} = parseBucketUrl(url);
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || defaultRegion;
  if (!/^[a-z0-9-]{1,64}$/.test(region)) {
    throw usage(`AWS_REGION is a name such as eu-central-1, not '${displayName(region)}'`);
  }

  const service =
    endpoint ||
    environment.AWS_ENDPOINT_URL_S3 ||
    environment.AWS_ENDPOINT_URL ||
    `https://s3.${region}.amazonaws.com`;
  return {
    bucket,
    prefix,
    endpoint: parseEndpoint(service),
    region,
    credentials: findCredentials(environment),
  };
}

/** @throws JangadaError `usage`. */
export function parseBucketUrl(url: string): Pick<BucketPlace, 'bucket' | 'prefix'> {
  // The text before an '@' may be a secret.
  const shown = url.includes('@') ? 'The URL with @' : `'${displayName(url)}'`;
  const [bucket = '', ...names] = url.slice(bucketScheme.length).split('/');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/.test(bucket)) {
    throw usage(
      `${shown} names no bucket. Write s3://BUCKET or s3://BUCKET/PREFIX, without keys; a bucket has 3 to 255 letters, digits, '.', '-' or '_'`,
    );
  }

  const inside = names.at(-1) === '' ? names.slice(0, -1) : names;
  const path = inside.join('/');
  if (inside.includes('') || !isRemotePath(path) || !path.isWellFormed()) {
    throw usage(
      `${shown} has a prefix that is not the path of a folder: a part is empty, '.', '..' or too long`,
    );
  }

  return {bucket, prefix: path === '' ? '' : `${path}/`};
}

/** @throws JangadaError `usage`. */
export function parseEndpoint(text: string): URL {
  const url = URL.parse(text);
  const isPlain =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  if (!isPlain) {
    // The message must not show the text: it may contain a password.
    throw usage(
      'Write the S3 endpoint as http://HOST:PORT or https://HOST, without a path, user name or password',
    );
  }

  return url;
}

function usage(message: string): JangadaError {
  return new JangadaError('usage', message);
}
