/**
 * Requests to one bucket. Each is signed, has a deadline, and is retried if another attempt may succeed.
 *
 *     method of S3Client ─► retry ─► S3Connection.exchange ─► signed request ─► checked answer
 */
import type {Buffer} from 'node:buffer';
import type {IncomingMessage} from 'node:http';
import * as z from 'zod';
import {throwIfAborted} from '../../../../protocol/errors.ts';
import type {BucketPlace} from './bucket-place.ts';
import {escaped, escapedKey} from './keys-in-urls.ts';
import {type KeyPage, mostXmlBytes, pageKeys, parseListing, wholeSecond} from './listing.ts';
import {RangeLanes, type RangeQuestion} from './range-lanes.ts';
import {readAll, readExactly} from './read-body.ts';
import {type Patience, retry, standardPatience} from './retry.ts';
import {type Call, S3Connection} from './s3-connection.ts';
import {odd, refusalError} from './s3-errors.ts';

export type ObjectFacts = {
  size: number;
  /** Milliseconds since 1970, whole seconds. */
  mtimeMs: number;
  /** The service's name for the content, as the service writes it. */
  etag: string;
};

export type KeysQuestion = {
  prefix: string;
  /** Whether to give keys with a further slash as folders. */
  folders: boolean;
  /** `next` of the page before. */
  after?: string | undefined;
  most?: number;
};

type ByteRange = {
  etag: string;
  offset: number;
  into: Buffer;
  /** Called with the number of bytes of `into` that have arrived. */
  progress?: (bytes: number) => void;
};

export class S3Client {
  readonly #place: BucketPlace;
  readonly #patience: Patience;
  readonly #connection: S3Connection;
  /** Only for plain TCP, because TLS uses its own memory. Undefined for a service whose answers lanes do not accept. */
  #lanes: RangeLanes | undefined;

  constructor(place: BucketPlace, patience: Patience = standardPatience) {
    this.#place = place;
    this.#patience = patience;
    this.#connection = new S3Connection(place);
    this.#lanes = place.endpoint.protocol === 'http:' ? new RangeLanes(place) : undefined;
  }

  /** @throws JangadaError `not_found`, `forbidden`, `busy`, `timed_out`, `internal`, `aborted`, as all methods do. */
  head(key: string, signal?: AbortSignal): Promise<ObjectFacts> {
    return this.#retried({method: 'HEAD', path: this.#path(key), signal}, async response =>
      factsOf(response),
    );
  }

  /** One page of the keys that begin with `prefix`. */
  keys({prefix, folders, after, most = pageKeys}: KeysQuestion, signal?: AbortSignal) {
    const query = {
      'list-type': '2',
      'encoding-type': 'url',
      'max-keys': String(most),
      prefix,
      ...(folders ? {delimiter: '/'} : {}),
      ...(after === undefined ? {} : {'continuation-token': after}),
    };
    const words = Object.entries(query).map(([name, value]) => `${name}=${escaped(value)}`);
    const path = `${this.#path('')}?${words.join('&')}`;
    return this.#retried(
      {method: 'GET', path, signal},
      async (response, alive): Promise<KeyPage> => {
        const xml = await readAll(response, mostXmlBytes, alive);
        return parseListing(xml.toString('utf8'));
      },
    );
  }

  /**
   * Read a whole object into `into`, which has its size.
   *
   * @throws JangadaError also `changed`, if the object has another size.
   */
  whole(key: string, into: Buffer, signal?: AbortSignal): Promise<ObjectFacts> {
    return this.#retried(
      {method: 'GET', path: this.#path(key), signal, isSmall: true},
      async (response, alive) => {
        const facts = factsOf(response);
        if (facts.size === into.length) {
          await readExactly(response, into, alive);
        }

        return facts;
      },
    );
  }

  /**
   * Fill `into` with the bytes of `key` from `offset` on. After a truncated answer, requests the missing rest.
   *
   * @throws JangadaError also `changed`, if the object no longer has this `etag`.
   */
  async range(key: string, range: ByteRange, signal?: AbortSignal): Promise<void> {
    const {etag, into, offset, progress = () => {}} = range;
    const path = this.#path(key);
    let done = 0;
    let isRepeated = false;
    const attempt = async (silenceMs: number) => {
      if (done === into.length) {
        // The last attempt failed after the last byte: there is no rest to ask for.
        return;
      }

      const from = done;
      const where = {path, etag, offset: offset + from, into: into.subarray(from)};
      const rest = {...where, signal, silenceMs, isRepeated};
      isRepeated = true;
      const told = (bytes: number) => {
        done = from + bytes;
        progress(done);
      };
      const lanes = this.#lanes;
      if (await lanes?.fill({...rest, progress: told})) {
        return;
      }

      done = from;
      await this.#slowRange({...rest, progress: told});
      // Node's HTTP accepted the answer and the lane did not: stop using lanes, or each range would be requested twice.
      lanes?.close();
      this.#lanes = undefined;
    };
    throwIfAborted(signal);
    await retry(attempt, this.#patience, {signal, done: () => done});
  }

  async #slowRange(question: RangeQuestion): Promise<void> {
    const {path, etag, offset, into, signal, silenceMs, progress} = question;
    const last = offset + into.length - 1;
    const headers = {Range: `bytes=${offset}-${last}`, 'If-Match': etag};
    await this.#connection.exchange(
      {method: 'GET', path, headers, signal},
      silenceMs,
      async (response, alive) => {
        refuseOtherRange(response, {first: offset, last, etag});
        await readExactly(response, into, bytes => {
          alive();
          progress(bytes);
        });
      },
    );
  }

  /** Write an object; replaces an object with the same key. */
  async write(key: string, body: Buffer): Promise<void> {
    await this.#retried({method: 'PUT', path: this.#path(key), body}, noAnswer);
  }

  /** Remove an object, if it exists. */
  async remove(key: string): Promise<void> {
    await this.#retried({method: 'DELETE', path: this.#path(key)}, noAnswer);
  }

  /** End all connections. */
  close(): void {
    this.#connection.close();
    this.#lanes?.close();
  }

  async #retried<Result>(
    call: Call,
    take: (response: IncomingMessage, alive: () => void) => Promise<Result>,
  ): Promise<Result> {
    const {signal} = call;
    throwIfAborted(signal);
    const attempt = (silenceMs: number) => this.#connection.exchange(call, silenceMs, take);
    return await retry(attempt, this.#patience, {signal});
  }

  #path(key: string): string {
    return `/${escaped(this.#place.bucket)}${key === '' ? '' : `/${escapedKey(key)}`}`;
  }
}

async function noAnswer(): Promise<void> {}

/** @throws JangadaError `internal` for an answer without the size, time or ETag of the object. */
function factsOf({headers}: IncomingMessage): ObjectFacts {
  const facts = headerSchema.safeParse(headers);
  if (!facts.success) {
    throw odd('it does not tell the size, time and ETag of the object', facts.error);
  }

  const {etag, 'content-length': size, 'last-modified': modified} = facts.data;
  return {size: Number(size), mtimeMs: wholeSecond(Date.parse(modified)), etag};
}

const etagSchema = z.string().min(1).max(1024);

const headerSchema = z.object({
  etag: etagSchema,
  'content-length': z.string().regex(/^\d{1,15}$/),
  'last-modified': z.string(),
});

/** @throws JangadaError `changed` for another object, `internal` for other bytes than the requested ones. */
function refuseOtherRange(
  {headers, statusCode}: IncomingMessage,
  {first, last, etag}: {first: number; last: number; etag: string},
): void {
  const range = headers['content-range'] ?? '';
  // A service that ignores If-Match still names the ETag of the content that it sends.
  if (headers.etag !== undefined && headers.etag !== etag) {
    throw refusalError({status: 412, code: '', region: undefined});
  }

  if (statusCode !== 206 || !range.startsWith(`bytes ${first}-${last}/`)) {
    throw odd('it does not have the bytes that the server asked for');
  }
}
