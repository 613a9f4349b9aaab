/**
 * A bucket in memory behind HTTP. It checks the signature of each request by itself, and answers as S3 does: pages of keys,
 * ranges of one state of an object, and the code of each refusal.
 */
import {Buffer} from 'node:buffer';
import {createHmac, hash} from 'node:crypto';
import type {IncomingMessage, ServerResponse} from 'node:http';
import type {BucketPlace} from '../../../../server/store/bucket/s3/bucket-place.ts';
import type {Patience} from '../../../../server/store/bucket/s3/retry.ts';
import {type Ending, type FalseS3, secret, sendError, sendRange, startFalseS3} from './false-s3.ts';

type Kept = {body: Buffer; ms: number};

type MemoryBucketOptions = {
  /** Methods that the keys of the server may not use. */
  forbids?: readonly string[];
  /** The most keys in one page. */
  pageKeys?: number;
};

/** Patience with this bucket, which always answers: on a busy machine only late. */
export const calmPatience: Patience = {silenceMs: 60_000, retryMs: 60_000, pauseMs: 5};

export class MemoryBucket {
  readonly objects = new Map<string, Kept>();
  /** The time that written objects get, in milliseconds. Default: now. */
  clock: () => number = Date.now;
  /** Method, path and range of each request. */
  seen: string[] = [];
  readonly #forbids: readonly string[];
  readonly #pageKeys: number;
  #place: BucketPlace | undefined;

  private constructor({forbids = [], pageKeys = 1000}: MemoryBucketOptions) {
    this.#forbids = forbids;
    this.#pageKeys = pageKeys;
  }

  static async start(t: Ending, options: MemoryBucketOptions = {}): Promise<MemoryBucket> {
    const bucket = new MemoryBucket(options);
    const false3: FalseS3 = await startFalseS3(t, (request, response) =>
      bucket.#answer(request, response),
    );
    bucket.#place = false3.place;
    bucket.seen = false3.seen;
    return bucket;
  }

  /** The place of the objects whose keys begin with `prefix`. */
  place(prefix = ''): BucketPlace {
    if (this.#place === undefined) {
      throw new Error('The bucket has not started');
    }

    return {...this.#place, prefix};
  }

  write(key: string, body: Uint8Array | string): void {
    this.objects.set(key, {body: Buffer.from(body), ms: this.clock()});
  }

  /** Requests with this method so far. */
  count(method: string): number {
    return this.seen.filter(line => line.startsWith(`${method} `)).length;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const {headers, method = '', url = ''} = request;
    const body = Buffer.concat(await Array.fromAsync<Buffer>(request));
    const {pathname, searchParams} = new URL(url, 'http://bucket');
    const key = decodeURIComponent(pathname).slice('/bkt/'.length);
    const object = this.objects.get(key);
    if (!isSigned(request, body)) {
      sendError(response, 403, 'SignatureDoesNotMatch');
    } else if (this.#forbids.includes(method)) {
      sendError(response, 403, 'AccessDenied');
    } else if (searchParams.has('list-type')) {
      response.end(this.#page(searchParams));
    } else if (method === 'PUT') {
      this.write(key, body);
      response.end();
    } else if (method === 'DELETE') {
      this.objects.delete(key);
      response.writeHead(204).end();
    } else if (object === undefined) {
      sendError(response, 404, 'NoSuchKey');
    } else if ((headers['if-match'] ?? etagOf(object)) !== etagOf(object)) {
      sendError(response, 412, 'PreconditionFailed');
    } else if (headers.range !== undefined) {
      sendRange(request, response, object.body, {etag: etagOf(object)});
    } else {
      response.writeHead(200, {
        ETag: etagOf(object),
        'Content-Length': object.body.length,
        'Last-Modified': new Date(object.ms).toUTCString(),
      });
      response.end(method === 'HEAD' ? undefined : object.body);
    }
  }

  #page(words: URLSearchParams): string {
    const prefix = words.get('prefix') ?? '';
    const delimiter = words.get('delimiter');
    const shown = new Map<string, Kept | undefined>();
    for (const [key, object] of this.objects) {
      const slash = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
      if (key.startsWith(prefix)) {
        shown.set(slash === -1 ? key : key.slice(0, slash + 1), slash === -1 ? object : undefined);
      }
    }

    const most = Math.min(this.#pageKeys, Number(words.get('max-keys')));
    const after = words.get('continuation-token');
    const all = [...shown]
      .toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      .filter(
        ([key]) => after === null || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0,
      );
    const page = all.slice(0, most);
    const [last = ''] = page.at(-1) ?? [];
    const isTruncated = all.length > page.length;
    const texts = page.map(([key, object]) =>
      object === undefined
        ? `<CommonPrefixes><Prefix>${encodeURIComponent(key)}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${object.body.length}</Size><LastModified>${new Date(object.ms).toISOString()}</LastModified></Contents>`,
    );
    const token = `<NextContinuationToken>${last.replaceAll('&', '&amp;')}</NextContinuationToken>`;
    return `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${isTruncated}</IsTruncated>${isTruncated ? token : ''}${texts.join('')}</ListBucketResult>`;
  }
}

function etagOf({body}: Kept): string {
  return `"${hash('md5', body, 'hex')}"`;
}

/** Whether the request has the signature (version 4) that the secret key gives for it and its `body`. */
function isSigned({headers, method, url = ''}: IncomingMessage, body: Buffer): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=AKIDTEST\/(\d{8})\/us-east-1\/s3\/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w{64})$/;
  const [, day = '', names = '', signature] = form.exec(headers.authorization ?? '') ?? [];
  const content = headers['x-amz-content-sha256'];
  const [path = '', query = ''] = url.split('?');
  const canonical = [
    ...[method, path, query.split('&').toSorted().join('&')],
    ...names.split(';').map(name => `${name}:${headers[name]}`),
    ...['', names, content],
  ].join('\n');
  const text = [
    ...['AWS4-HMAC-SHA256', headers['x-amz-date'], `${day}/us-east-1/s3/aws4_request`],
    hash('sha256', canonical, 'hex'),
  ].join('\n');
  const mac = (key: string | Buffer, part: string) =>
    createHmac('sha256', key).update(part).digest();
  const key = [day, 'us-east-1', 's3', 'aws4_request'].reduce<string | Buffer>(
    mac,
    `AWS4${secret}`,
  );
  return (
    mac(key, text).toString('hex') === signature &&
    names.split(';').includes('host') &&
    (content === hash('sha256', body, 'hex') ||
      (body.length === 0 && content === 'UNSIGNED-PAYLOAD'))
  );
}
