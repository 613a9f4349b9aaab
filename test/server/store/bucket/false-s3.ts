/** A responder on HTTP with the answers of a test, for faults that a real service does not show on demand. */
import type {Buffer} from 'node:buffer';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {BucketPlace} from '../../../../server/store/bucket/s3/bucket-place.ts';
import type {Patience} from '../../../../server/store/bucket/s3/retry.ts';

/** @param count how many requests came before this one. */
export type Answering = (
  request: IncomingMessage,
  response: ServerResponse,
  count: number,
) => unknown;

export type FalseS3 = {
  place: BucketPlace;
  /** The method, path and range of each request. */
  seen: string[];
};

export const secret = 'the-secret-that-nobody-sees';

/** Short enough for tests. A busy machine may be silent for long. */
export const shortPatience: Patience = {silenceMs: 60_000, retryMs: 3000, pauseMs: 5};

/** Calls `end` when the service is no longer needed, as a test does at its end. */
export type Ending = {after(end: () => unknown): void};

export async function startFalseS3(t: Ending, answer: Answering): Promise<FalseS3> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const {method, url, headers} = request;
    const words = [method, url, headers.range].filter(word => word !== undefined);
    const count = seen.push(words.join(' ')) - 1;
    answer(request, response, count);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // The address of a listener on a TCP port has this type.
  const {port} = server.address() as AddressInfo;
  const credentials = {accessKeyId: 'AKIDTEST', secretAccessKey: secret};
  const endpoint = new URL(`http://127.0.0.1:${port}`);
  return {place: {bucket: 'bkt', prefix: '', endpoint, region: 'us-east-1', credentials}, seen};
}

/** Answer a GET of a range of `content` as S3 does. */
export function sendRange(
  {headers}: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  {etag = '"one"', bytes = Number.POSITIVE_INFINITY}: {etag?: string; bytes?: number} = {},
): void {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  const part = content.subarray(Number(from), Number(to) + 1);
  response.writeHead(206, {
    ETag: etag,
    'Content-Length': part.length,
    'Content-Range': `bytes ${from}-${to}/${content.length}`,
    // MinIO sends this header twice.
    Vary: ['Origin', 'Accept-Encoding'],
  });
  if (bytes < part.length) {
    response.write(part.subarray(0, bytes), () => response.destroy());
  } else {
    response.end(part);
  }
}

export function sendError(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status).end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
}
