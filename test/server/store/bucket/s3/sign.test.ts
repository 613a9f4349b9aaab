import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {test} from 'node:test';
import {signedHeaders} from '../../../../../server/store/bucket/s3/sign.ts';

const endpoint = new URL('https://s3.example:9000');
const credentials = {accessKeyId: 'id', secretAccessKey: 'secret'};
const place = {bucket: 'bkt', prefix: '', region: 'eu-west-3', endpoint, credentials};

/** The names of the headers that the signature covers. */
function coveredBy(headers: Record<string, string>): string[] {
  return /SignedHeaders=([^,]+)/.exec(headers.Authorization ?? '')?.[1]?.split(';') ?? [];
}

test('a request is signed for its host and region, with the headers that say what is asked for', () => {
  const headers = {Range: 'bytes=0-4', 'If-Match': '"e"'};
  const signed = signedHeaders({method: 'GET', path: '/bkt/a', headers}, place);
  assert.partialDeepStrictEqual(signed, {...headers, Host: 's3.example:9000'});
  assert.match(signed.Authorization ?? '', /Credential=id\/\d{8}\/eu-west-3\/s3\/aws4_request/);
  assert.ok(coveredBy(signed).includes('host'));
  assert.equal('X-Amz-Security-Token' in signed, false);
  assert.equal('Content-Type' in signed, false);
});

test('a token of a session is sent, and signed', () => {
  const session = {...place, credentials: {...credentials, sessionToken: 'token'}};
  const signed = signedHeaders({method: 'HEAD', path: '/bkt/a'}, session);
  assert.equal(signed['X-Amz-Security-Token'], 'token');
  assert.ok(coveredBy(signed).includes('x-amz-security-token'));
});

test('a body is signed, and is not sent as a form', () => {
  const body = Buffer.from('digests');
  const signed = signedHeaders({method: 'PUT', path: '/bkt/a', body}, place);
  assert.equal(signed['Content-Type'], 'application/octet-stream');
  assert.equal(signed['X-Amz-Content-Sha256'], hash('sha256', body, 'hex'));
  assert.ok(coveredBy(signed).includes('x-amz-content-sha256'));
});
