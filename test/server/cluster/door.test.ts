/** TLS and a token with several processes, and a certificate that all of them read again. */
import assert from 'node:assert/strict';
import {X509Certificate} from 'node:crypto';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {connect} from 'node:tls';
import {parseAddress} from '../../../protocol/address.ts';
import {parseRemotePath} from '../../../protocol/remote-path.ts';
import {makeCertificate} from '../../../server/doors/certificate.ts';
import {Client} from '../../../source/client/client.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {until} from '../../fixtures/server/server-folder.ts';
import {ServerProcesses} from '../../fixtures/server/server-processes.ts';

/** The limit for a test that hangs. */
const timeout = 60_000;
const skip = process.platform === 'win32' && 'there are no such signals';

test('a client can log in with one address, whichever process it gets', {timeout}, async t => {
  const server = await ServerProcesses.start(t, {a: 'x'}, '--tls');
  assert.match(server.stdout, /^jangadas:\/\/[\w-]{43}@127\.0\.0\.1:\d+#sha256:[\da-f]{64}\n$/);
  const told = server.told(/^serving .*, over TLS$/).map(line => line.fingerprint);
  assert.deepEqual(told, [server.stdout.trim().replace(/.*#/, '')], 'the process with the port');
  const clients = [0, 1, 2, 3].map(() => new Client(parseAddress(server.stdout.trim())));
  const entries = await Promise.all(clients.map(client => client.stat(parseRemotePath('a'))));
  assert.deepEqual(
    entries.map(({size}) => size),
    [1, 1, 1, 1],
  );
  await Promise.all(clients.map(client => client[Symbol.asyncDispose]()));
  await until(() => server.told(/^connection ended$/).length >= 4, 'all have ended');
  const ended = server.told(/^connection ended$/);
  assert.deepEqual([...new Set(ended.map(line => line.process))].sort(), [1, 2]);
});

test('SIGHUP makes all of them read the certificate again', {timeout, skip}, async t => {
  const folder = temporaryFolder(t);
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const write = () => {
    const made = makeCertificate();
    writeFileSync(key, made.key);
    writeFileSync(cert, made.certificate);
    return new X509Certificate(made.certificate).fingerprint256;
  };
  const before = write();
  const server = await ServerProcesses.start(t, {}, '--tls-key', key, '--tls-cert', cert);
  assert.deepEqual(await shown(t, server), [before, before]);
  const after = write();
  assert.notEqual(after, before);
  server.child.kill('SIGHUP');
  await until(() => server.told(/^read the certificate again$/).length === 1, 'it was read');
  assert.deepEqual(await shown(t, server), [after, after]);
});

/** The fingerprints of two connections at once. Each is with another process. */
async function shown(t: TestContext, server: ServerProcesses): Promise<string[]> {
  const sockets = [0, 1].map(() => connect({...server.place, rejectUnauthorized: false}));
  t.after(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  await Promise.all(sockets.map(socket => once(socket, 'secureConnect')));
  return sockets.map(socket => socket.getPeerX509Certificate()?.fingerprint256 ?? '');
}
