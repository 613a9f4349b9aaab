import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import {test} from 'node:test';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {testDoor} from '../../fixtures/door.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {ServedFolder} from '../../fixtures/server/server-folder.ts';
import {runHere} from './run.ts';

const timeout = 60_000;

class FailingStore extends MemoryStore {
  override stat(): Promise<never> {
    return Promise.reject(new Error('EIO'));
  }
}

test('a ready server is reported as ready, even without the token that clients need', {
  timeout,
}, async t => {
  const door = testDoor(t);
  await using folder = await ServedFolder.start({}, {door});
  const {port} = folder.server;
  const server = `jangadas://127.0.0.1:${port}`;
  const ran = await runHere(['ping', '-s', server]);
  assert.match(ran.stdout, new RegExp(`^ready {2}\\d+ ms {2}${server}\n$`));
  assert.deepEqual([ran.status, ran.stderr], [0, '']);
  const other = await runHere(['ping', '-s', `${server}#sha256:${'0'.repeat(64)}`]);
  assert.equal(other.status, 4);
  assert.match(other.stderr, /shows the certificate sha256:/);
});

test('a server whose folder cannot be read is reported as unreadable, with status 1', {
  timeout,
}, async () => {
  await using folder = await ServedFolder.start({}, {root: new FailingStore()});
  const server = `jangada://127.0.0.1:${folder.server.port}`;
  const plain = await runHere(['ping', '-s', server]);
  assert.match(plain.stdout, /^unreadable {2}/);
  assert.equal(plain.status, 1);
  const {stdout} = await runHere(['ping', '--json', '-s', server]);
  const {ms, ...event} = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(typeof ms, 'number');
  assert.deepEqual(event, {
    event: 'end',
    outcome: 'failure',
    code: 'busy',
    status: 1,
    message: 'The server cannot read its folder, or cannot read it in time',
    server,
    state: 'unreadable',
  });
});

for (const [what, bytes, status, sentence] of [
  [
    'an older server',
    encodeAnswer('error', {code: 'bad_request', message: 'x'}),
    1,
    /an older jangada-server/,
  ],
  ['another program', 'HTTP/1.1 400 Bad Request\r\n', 3, /not a jangada-server.*like HTTP/],
  ['a program that says nothing', '', 3, /without a greeting/],
  ['more than an answer', 'jangada/ready\r\n!', 3, /not a jangada-server/],
] as const) {
  test(`${what} is not reported as a ready server`, {timeout}, async t => {
    const other = createServer(socket => socket.end(bytes)).listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const {port} = other.address() as AddressInfo; // A listening TCP server always has this type of address.
    const ran = await runHere(['ping', '-s', `jangada://127.0.0.1:${port}`]);
    assert.match(ran.stderr, sentence);
    assert.deepEqual([ran.status, ran.stdout], [status, '']);
  });
}

test('if nothing listens, the status is 3', {timeout}, async () => {
  const ran = await runHere(['ping', '-s', 'jangada://127.0.0.1:1']);
  assert.equal(ran.status, 3);
});
