/** What a listener on the network sees: whole sessions of the built client, captured by tshark. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {type ChildProcess, execFile, spawn, spawnSync} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {promisify} from 'node:util';
import {testDoor} from '../fixtures/door.ts';
import {noise, startHarness, temporaryFolder, treeOf, until} from '../fixtures/harness.ts';
import {programWords} from './journey.ts';

const runFile = promisify(execFile);
const token = randomBytes(24).toString('base64url');
const files = {
  'a-name-that-is-secret/a-file-that-is-secret.txt': 'a-content-that-is-secret',
  'large-and-secret.bin': noise(2_500_000),
};

for (const [what, tls] of [
  ['over TLS', true],
  ['over plain TCP', false],
] as const) {
  test(`a capture of a session ${what} has nothing that gives the token away`, {
    skip: cannotCapture(),
  }, async t => {
    const streams = await capturedSession(t, tls);
    const all = Buffer.concat(streams);
    assert.ok(all.length > files['large-and-secret.bin'].length, 'it is a whole session');
    for (const [form, bytes] of formsOf(token)) {
      assert.equal(all.includes(bytes), false, form);
    }

    const seen = [
      'jangada/1',
      '"nonce"',
      '"proof"',
      'large-and-secret',
      'a-name-that-is-secret',
      'a-file-that-is-secret',
      'a-content-that-is-secret',
      files['large-and-secret.bin'].subarray(1_000_000, 1_000_016),
    ];
    // A plain session shows all of this, which proves that the capture works.
    for (const bytes of seen) {
      assert.equal(all.includes(bytes), !tls, String(bytes));
    }
  });
}

/** By name, the texts and bytes from which a listener would get the token much sooner than by guessing. */
function formsOf(secret: string): Map<string, Buffer> {
  const forms = new Map([
    ['the token', Buffer.from(secret)],
    ['its bytes', Buffer.from(secret, 'base64url')],
  ]);
  for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512', 'blake2b512']) {
    forms.set(`its ${algorithm}`, createHash(algorithm).update(secret).digest());
  }

  const written = [...forms].flatMap(([form, bytes]) =>
    (['hex', 'base64', 'base64url'] as const).flatMap(notation => {
      // Without the padding and the last digit, which depends on the bytes that follow.
      const text = bytes.toString(notation).replace(/=+$/, '').slice(0, -1);
      return [text, text.toUpperCase()].map(
        (said, at) => [`${form} in ${notation} ${at}`, Buffer.from(said)] as const,
      );
    }),
  );
  return new Map([...forms, ...written]);
}

/** The bytes of each direction of each connection, while the client lists and fetches all served files. */
async function capturedSession(t: TestContext, tls: boolean): Promise<Buffer[]> {
  const folder = temporaryFolder(t);
  const door = testDoor(t, {tls, tokens: [token]});
  const {root, serve, server, target} = await startHarness(t, {server: {door}});
  for (const [name, content] of Object.entries(files)) {
    serve(name, content);
  }

  const file = join(folder, 'capture');
  const tshark = await startCapture(t, server.port, file);
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, token, {mode: 0o600});
  const address = `${tls ? 'jangadas' : 'jangada'}://127.0.0.1:${server.port}`;
  for (const words of [
    ['list', 'a-name-that-is-secret'],
    ['mget', '**', '-o', target],
  ]) {
    const all = [...words, '-s', address, '--token-file', tokenFile];
    const [node = '', ...rest] = programWords('jangada', all);
    await runFile(node, rest, {
      env: {...process.env, JANGADA_STATE: folder, JANGADA_CONFIG: folder},
    });
  }

  assert.deepEqual(treeOf(target), treeOf(root));
  // When the capture has these bytes, it has everything before them.
  const mark = randomBytes(16);
  connect(server.port, '127.0.0.1')
    .on('error', () => {})
    .end(mark);
  await until(() => existsSync(file) && readFileSync(file).includes(mark));
  const ended = once(tshark, 'close');
  tshark.kill('SIGINT');
  await ended;
  const streams = await streamsIn(file);
  return streams.filter(bytes => !bytes.includes(mark));
}

async function startCapture(t: TestContext, port: number, file: string): Promise<ChildProcess> {
  // A buffer of 128 MiB, because tshark loses packets that find no room.
  const words = ['-B', '128', '-i', 'lo', '-f', `tcp port ${port}`, '-w', file];
  const child = spawn('tshark', words, {stdio: ['ignore', 'ignore', 'pipe']});
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    said += text;
  });
  await until(() => said.includes('Capture started') || child.exitCode !== null);
  assert.equal(child.exitCode, null, said);
  return child;
}

async function streamsIn(file: string): Promise<Buffer[]> {
  const fields = ['tcp.stream', 'tcp.srcport', 'tcp.payload'].flatMap(field => ['-e', field]);
  const words = ['-r', file, '-o', 'tcp.desegment_tcp_streams:FALSE', '-T', 'fields', ...fields];
  const {stdout} = await runFile('tshark', words, {maxBuffer: 1e9});
  const streams = new Map<string, string[]>();
  for (const line of stdout.split('\n')) {
    const [stream = '', port = '', payload = ''] = line.split('\t');
    const key = `${stream} ${port}`;
    streams.set(key, [...(streams.get(key) ?? []), payload]);
  }

  return [...streams.values()].map(pieces => Buffer.from(pieces.join(''), 'hex'));
}

/** Why tshark cannot capture here; false if it can. */
function cannotCapture(): string | false {
  const {stdout} = spawnSync('tshark', ['-D'], {encoding: 'utf8'});
  return /^\d+\. lo\b/m.test(stdout ?? '')
    ? false
    : 'tshark is not installed, or may not capture on lo';
}
