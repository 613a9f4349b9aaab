import type {Buffer} from 'node:buffer';
import aws4 from 'aws4';
import type {BucketPlace} from './bucket-place.ts';

export type SignedRequest = {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** The escaped path with its query. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer;
};

/** Without this header, aws4 takes a body for a form. */
const bodyHeaders = {'Content-Type': 'application/octet-stream'};

/** All headers of a request, including its signature. */
export function signedHeaders(
  {method, path, headers = {}, body}: SignedRequest,
  {credentials, endpoint, region}: BucketPlace,
): Record<string, string> {
  const {host} = endpoint;
  const all = {...headers, Host: host, ...(body === undefined ? {} : bodyHeaders)};
  const content = body === undefined ? {} : {body};
  const signed = aws4.sign(
    {service: 's3', region, method, path, host, headers: all, ...content},
    credentials,
  );
  const texts = Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(texts);
}
