import assert from 'node:assert/strict';
import {X509Certificate} from 'node:crypto';
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {makeCertificate} from '../../../server/doors/certificate.ts';
import {TlsDoor} from '../../../server/doors/tls-door.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {runAtOnce} from '../../fixtures/run-at-once.ts';

test('files that cannot be used are told with their option, and a door keeps what it had', t => {
  const folder = temporaryFolder(t);
  const [key, certificate] = [join(folder, 'key'), join(folder, 'certificate')];
  const open = () => new TlsDoor({from: {key, certificate}, allows12: false});
  assert.throws(open, {
    code: 'forbidden',
    message: /^--tls-key: '.*key' cannot be read \(ENOENT\)$/,
  });
  const made = makeCertificate();
  writeFileSync(key, made.key);
  assert.throws(open, {code: 'forbidden', message: /^--tls-cert: '.*certificate' cannot be read/});
  writeFileSync(certificate, made.certificate);
  const door = open();
  const {fingerprint256} = new X509Certificate(made.certificate);
  assert.equal(door.fingerprint, fingerprint256.replaceAll(':', '').toLowerCase());
  const {fingerprint} = door;
  writeFileSync(key, makeCertificate().key);
  assert.throws(() => door.reload(), {
    code: 'bad_request',
    message: /cannot be used .*must be in PEM format and belong together/,
  });
  rmSync(key);
  assert.throws(() => door.reload(), {code: 'forbidden'});
  assert.equal(door.fingerprint, fingerprint);
  const next = makeCertificate();
  writeFileSync(key, next.key);
  writeFileSync(certificate, next.certificate);
  door.reload();
  assert.notEqual(door.fingerprint, fingerprint);
});

test('a certificate of its own is made once, and its file has the key, too', t => {
  const folder = temporaryFolder(t);
  const from = {folder};
  const {fingerprint} = new TlsDoor({from, allows12: false});
  assert.equal(new TlsDoor({from, allows12: true}).fingerprint, fingerprint);
  const text = readFileSync(join(folder, 'server-certificate.pem'), 'utf8');
  assert.match(text, /^-----BEGIN PRIVATE KEY-----.*-----BEGIN CERTIFICATE-----/s);
});

test('servers that start for the first time at the same moment have the same certificate and the same token', async t => {
  const folder = temporaryFolder(t);
  const sources = ['tls-door.ts', 'tokens/own-tokens.ts'].map(name =>
    JSON.stringify(new URL(`../../../server/doors/${name}`, import.meta.url).href),
  );
  const outputs = await runAtOnce(
    `import {readFileSync} from 'node:fs';
    const {TlsDoor} = await import(${sources[0]});
    const {ensureOwnTokens} = await import(${sources[1]});
    const [folder] = words;
    await begin();
    ensureOwnTokens(folder + '/tokens');
    process.stdout.write(readFileSync(folder + '/tokens', 'utf8'));
    process.stdout.write(new TlsDoor({from: {folder}, allows12: false}).fingerprint);`,
    Array.from({length: 4}, () => [folder]),
  );
  assert.equal(outputs.length, 4);
  assert.equal(new Set(outputs).size, 1);
});
