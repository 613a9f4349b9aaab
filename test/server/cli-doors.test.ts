import assert from 'node:assert/strict';
import {X509Certificate} from 'node:crypto';
import {once} from 'node:events';
import {statSync, writeFileSync} from 'node:fs';
import type {ServerResponse} from 'node:http';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {connect} from 'node:tls';
import {makeCertificate} from '../../server/doors/certificate.ts';
import {Cli, program, root, state} from '../fixtures/server/cli-program.ts';
import {until} from '../fixtures/server/server-folder.ts';
import {json, kinds, RawPeer} from '../fixtures/server/server-raw-peer.ts';
import {Terminal} from '../fixtures/terminal.ts';
import {withTypeScript} from '../fixtures/with-typescript.ts';
import {secret, startFalseS3} from './store/bucket/false-s3.ts';

for (const level of ['info', 'warn', 'error', 'silent']) {
  test(`a server that others can reach says so on standard error, with --log-level ${level}`, async () => {
    const open = ['--insecure', '--no-token'];
    using run = new Cli(root, '--port', '0', '--host', '0.0.0.0', ...open, '--log-level', level);
    await run.address();
    await until(() => run.stderr.includes('\n'), 'it says so');
    const said =
      /^(.*)serving .*to everybody who can reach this machine, without a password or encryption/;
    const [, before = ''] = said.exec(run.stderr) ?? assert.fail(run.stderr);
    if (level === 'info' || level === 'warn') {
      assert.match(before, /^\{"level":40,/, 'a warning in the log');
    } else {
      assert.equal(before, 'jangada-server: ');
    }
  });
}

test('a server that others can reach has TLS and a token by itself, the same at each start', async () => {
  const printed = async (...args: string[]) => {
    using run = new Cli(root, '--port', '0', '--host', '0.0.0.0', ...args);
    await until(() => run.stdout.includes('\n') || run.status !== undefined, 'it serves');
    return {line: run.stdout, log: run.stderr, run};
  };
  const first = await printed();
  const [, token = '', fingerprint = ''] =
    /^jangadas:\/\/([\w-]{43})@[^:]+:\d+#sha256:([0-9a-f]{64})\n$/.exec(first.line) ??
    assert.fail(first.line + first.log);
  for (const file of ['server-certificate.pem', 'server-tokens']) {
    assert.equal(statSync(join(state, file)).mode & 0o777, 0o600, file);
  }

  assert.match(first.log, /to everybody who can reach this machine and knows a token, over TLS/);
  assert.ok(!first.log.includes(token), 'the log is read by others');
  const second = await printed();
  assert.ok(second.line.includes(`${token}@`) && second.line.includes(fingerprint));
  const file = join(state, 'own-tokens');
  writeFileSync(file, 'some-token\n', {mode: 0o600});
  const ofFile = await printed('--token-file', file);
  assert.match(ofFile.line, /^jangadas:\/\/[^@]+#sha256:/, 'whoever wrote the file knows it');
  const plain = await printed('--insecure');
  assert.match(plain.line, /^jangada:\/\/[^@]+\n$/);
  assert.match(plain.log, /knows a token, without encryption/);
});

test('token adds, lists and removes tokens, and shows a token only when it adds it', async () => {
  const run = async (...args: string[]) => {
    const cli = new Cli('token', ...args);
    await cli.ended();
    return cli;
  };
  const file = ['--token-file', join(state, 'tokens-of-their-own')];
  const added = await run(
    'add',
    'anna',
    '--folder',
    '/photos/old one',
    '--expires',
    '2999-01-31',
    ...file,
  );
  assert.equal(added.status, 0, added.stderr);
  assert.match(added.stdout, /^[\w-]{43}\n$/);
  const listed = await run('list', ...file);
  // A token with a date is valid until the end of this day in local time.
  const end = new Date(2999, 0, 31, 23, 59, 59, 999).toISOString();
  assert.equal(listed.stdout, `anna\t/photos/old one\t${end}\n`);
  const again = await run('add', 'anna', ...file);
  assert.deepEqual([again.status, again.stdout], [1, '']);
  assert.match(again.stderr, /There is a token called 'anna'/);
  for (const [args, message] of [
    [['add'], /A token has a name/],
    [['add', 'a b'], /A token has a name/],
    [['add', 'b', '--expires', '2020-01-01'], /is in the past/],
    [['add', 'b', '--expires', 'soon'], /a day such as/],
    [['add', 'b', '--folder', '../x'], /--folder must be a folder below/],
    [['list', '--folder', 'x'], /are for token add/],
    [['list', 'x'], /Unexpected argument 'x'/],
    [['frob'], /Write token add/],
    [['add', 'b', '--frob'], /--frob/],
  ] as const) {
    const wrong = await run(...args, ...file);
    assert.equal(wrong.status, 2, args.join(' '));
    assert.match(wrong.stderr, message);
  }

  assert.equal((await run('remove', 'anna', ...file)).status, 0);
  assert.equal((await run('list', ...file)).stdout, '');
  assert.match((await run('remove', 'anna', ...file)).stderr, /Unknown token 'anna'/);
});

test('SIGHUP makes the server read its certificate again; an unusable one changes nothing', async () => {
  const [key, certificate] = [join(state, 'key.pem'), join(state, 'certificate.pem')];
  const write = () => {
    const made = makeCertificate();
    writeFileSync(key, made.key);
    writeFileSync(certificate, made.certificate);
    return new X509Certificate(made.certificate).fingerprint256;
  };
  const before = write();
  using run = new Cli(
    root,
    '--port',
    '0',
    '--no-token',
    '--tls-cert',
    certificate,
    '--tls-key',
    key,
  );
  await until(() => run.stdout.includes('\n'), 'it serves');
  const {port} = new URL(run.stdout.trim());
  const shown = async () => {
    const socket = connect({port: Number(port), host: '127.0.0.1', rejectUnauthorized: false});
    await once(socket, 'secureConnect');
    const {fingerprint256} = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  assert.equal(await shown(), before);
  writeFileSync(key, 'no key');
  run.child.kill('SIGHUP');
  await until(() => run.stderr.includes('the previous one stays'), 'it says so');
  assert.equal(await shown(), before);
  const next = write();
  run.child.kill('SIGHUP');
  await until(() => run.stderr.includes('read the certificate again'), 'it says so');
  assert.equal(await shown(), next);
});

test('SIGHUP does not end a server that has no certificate to read again', async () => {
  using run = new Cli(root, '--port', '0');
  const address = await run.address();
  const peer = await RawPeer.greeted(address);
  run.child.kill('SIGHUP');
  await until(
    () => run.stderr.includes('no certificate to read again') || run.status !== undefined,
    'it says so',
  );
  assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  run.child.kill('SIGTERM');
  await run.ended();
  assert.equal(run.status, 0);
});

test('SIGHUP does not end a server that still starts: it reads its certificate again when it has started', async t => {
  const [key, certificate] = [join(state, 'early-key.pem'), join(state, 'early-certificate.pem')];
  const made = makeCertificate();
  writeFileSync(key, made.key);
  writeFileSync(certificate, made.certificate);
  const asked = Promise.withResolvers<ServerResponse>();
  const {place} = await startFalseS3(t, (_, response) => asked.resolve(response));
  const before = {...process.env};
  t.after(() => {
    process.env = before;
  });
  Object.assign(process.env, {AWS_ACCESS_KEY_ID: 'AKIDTEST', AWS_SECRET_ACCESS_KEY: secret});
  const tls = ['--no-token', '--tls-cert', certificate, '--tls-key', key];
  using run = new Cli('s3://photos', '--s3-endpoint', place.endpoint.origin, '--port', '0', ...tls);
  const listing = await asked.promise;
  run.child.kill('SIGHUP');
  listing.end('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
  await until(
    () => run.stderr.includes('read the certificate again') || run.status !== undefined,
    'it says so',
  );
  assert.equal(run.status, undefined, run.stderr);
});

test('a server without TLS whose window is closed tells its clients that it stops, and ends', async t => {
  const terminal = Terminal.start(
    t,
    [process.execPath, ...withTypeScript, program, root, '--port', '0'],
    {columns: 400, environment: {JANGADA_STATE: state}},
  );
  const text = await terminal.waitFor(/^jangada:\/\/127\.0\.0\.1:\d+$/m);
  const port = Number(/^jangada:\/\/127\.0\.0\.1:(\d+)$/m.exec(text)?.[1]);
  const peer = await RawPeer.greeted({host: '127.0.0.1', port});
  terminal.hangUp();
  const goodBye = (await peer.frame()) ?? assert.fail('no good-bye');
  assert.equal(json(goodBye).leaving, true);
  await peer.end();
  await until(() => !isRunning(terminal.pid), 'it has ended');
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
