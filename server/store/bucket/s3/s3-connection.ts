/** One attempt at a request: signs it, sends it over a kept connection, and fails if the answer falls silent. */
import {Agent, type IncomingMessage, request as requestPlain} from 'node:http';
import {request as requestTls, Agent as TlsAgent} from 'node:https';
import {aborted, isJangadaError, type JangadaError} from '../../../../protocol/errors.ts';
import type {BucketPlace} from './bucket-place.ts';
import {parseRefusal} from './listing.ts';
import {readAll} from './read-body.ts';
import {connectionError, refusalError, silentError} from './s3-errors.ts';
import {type SignedRequest, signedHeaders} from './sign.ts';

export type Call = SignedRequest & {
  signal?: AbortSignal | undefined;
  /** Whether the request is one of many small ones, which must not take all connections. */
  isSmall?: boolean;
};

type Take<Result> = (response: IncomingMessage, alive: () => void) => Promise<Result>;

/** The most connections at once: for small objects, and for everything else. */
const mostForSmall = 64;
const mostForOthers = 256;

/** S3 sends no longer error answers than this. */
const mostRefusalBytes = 65_536;

export class S3Connection {
  readonly #place: BucketPlace;
  readonly #small: Agent;
  readonly #others: Agent;

  constructor(place: BucketPlace) {
    const Kind = place.endpoint.protocol === 'https:' ? TlsAgent : Agent;
    this.#place = place;
    this.#small = new Kind({keepAlive: true, maxSockets: mostForSmall});
    this.#others = new Kind({keepAlive: true, maxSockets: mostForOthers});
  }

  /**
   * Send the request, and return the result of `take` for a successful answer. Drops the part of the body that `take`
   * leaves unread.
   *
   * @param silenceMs how long the service may send nothing.
   * @throws JangadaError as S3Client; the error of `take`.
   */
  async exchange<Result>(call: Call, silenceMs: number, take: Take<Result>): Promise<Result> {
    const {signal} = call;
    const answered = Promise.withResolvers<IncomingMessage>();
    const request = this.#request(call);
    let fault: JangadaError | undefined;
    const stop = (why: JangadaError) => {
      fault ??= why;
      request.destroy(why);
      answered.reject(why);
    };
    // Waiting for a free connection is not silence of the service.
    let silence: NodeJS.Timeout | undefined;
    const alive = () => silence?.refresh();
    const leave = () => stop(aborted());
    signal?.addEventListener('abort', leave, {once: true});
    request.once('socket', () => {
      silence = setTimeout(() => stop(silentError(silenceMs)), silenceMs);
    });
    request.once('response', answered.resolve);
    request.on('error', error => answered.reject(connectionError(error)));
    request.end(call.body);
    let response: IncomingMessage | undefined;
    try {
      response = await answered.promise;
      alive();
      await refuseFailure(response, alive, this.#place.region);
      return await take(response, alive);
    } catch (error) {
      throw fault ?? (isJangadaError(error) ? error : connectionError(error));
    } finally {
      clearTimeout(silence);
      signal?.removeEventListener('abort', leave);
      // A connection can be used again only if the answer was read to its end.
      if (response?.complete) {
        response.resume();
      } else {
        request.destroy();
      }
    }
  }

  close(): void {
    this.#small.destroy();
    this.#others.destroy();
  }

  #request({isSmall = false, ...call}: Call) {
    const {hostname, port, protocol} = this.#place.endpoint;
    const start = protocol === 'https:' ? requestTls : requestPlain;
    return start({
      ...{method: call.method, path: call.path, host: hostname.replace(/^\[|\]$/g, ''), port},
      agent: isSmall ? this.#small : this.#others,
      headers: signedHeaders(call, this.#place),
    });
  }
}

/**
 * Refuse an unsuccessful answer. Its status counts even if its body cannot be read: a balancer may send a long page, or
 * cut its answer.
 *
 * @param asked the region of the request, which the error need not suggest.
 */
async function refuseFailure(
  response: IncomingMessage,
  alive: () => void,
  asked: string,
): Promise<void> {
  const {headers, statusCode: status = 0} = response;
  if (status >= 200 && status < 300) {
    return;
  }

  const body = await readAll(response, mostRefusalBytes, alive).catch(() => undefined);
  const told = parseRefusal(body?.toString('utf8') ?? '');
  const region = headers['x-amz-bucket-region'];
  const isName = typeof region === 'string' && /^[a-z0-9-]{1,64}$/.test(region);
  const other = isName ? region : told.region;
  throw refusalError({status, code: told.code, region: other === asked ? undefined : other});
}
