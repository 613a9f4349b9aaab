import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import * as tls from 'node:tls';
import {makeCertificate} from '../../../../server/doors/certificate.ts';
import {S3Client} from '../../../../server/store/bucket/s3/s3-client.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {patternedBytes} from '../../../fixtures/server/server-folder.ts';
import {secret, sendRange, shortPatience} from './false-s3.ts';

const content = patternedBytes(200_000);

/** Start a service over TLS with this certificate, and a client for it. */
async function clientOf(t: TestContext, pair: {certificate: string; key: string}) {
  let requests = 0;
  const server = createServer({cert: pair.certificate, key: pair.key}, (request, response) => {
    requests++;
    sendRange(request, response, content);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  // The address of a listener on a TCP port has this type.
  const {port} = server.address() as AddressInfo;
  const endpoint = new URL(`https://127.0.0.1:${port}`);
  const credentials = {accessKeyId: 'AKIDTEST', secretAccessKey: secret};
  const place = {...{bucket: 'bkt', prefix: '', region: 'us-east-1'}, endpoint, credentials};
  const client = new S3Client(place, {...shortPatience, retryMs: 50});
  t.after(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  return {client, requests: () => requests};
}

async function read(client: S3Client): Promise<Buffer> {
  const into = Buffer.alloc(content.length);
  await client.range('a', {etag: '"one"', offset: 0, into});
  return into;
}

test('a service over TLS gets no request unless a known authority has signed its certificate', async t => {
  const {client, requests} = await clientOf(t, makeCertificate());
  await assert.rejects(read(client), error => {
    assert.ok(error instanceof Error && error.cause instanceof Error);
    assert.match(error.cause.message, /certificate|altnames/i);
    return true;
  });
  assert.equal(requests(), 0);
});

test('bytes arrive over TLS from a service with such a certificate', async t => {
  const folder = temporaryFolder(t);
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const names = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = spawnSync('openssl', [...words, ...names, '-keyout', key, '-out', certificate]);
  if (made.status !== 0) {
    t.skip('openssl cannot make a certificate');
    return;
  }

  const pair = {key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8')};
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, pair.certificate]);
  t.after(() => tls.setDefaultCACertificates(before));
  const {client, requests} = await clientOf(t, pair);
  assert.ok((await read(client)).equals(content));
  assert.equal(requests(), 1);
});
