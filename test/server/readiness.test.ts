/** Whether a server is ready: what it tells a balancer, and that this needs neither a place nor a token. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import process from 'node:process';
import {test} from 'node:test';
import {connect} from 'node:tls';
import type {RemotePath} from '../../protocol/remote-path.ts';
import {Readiness} from '../../server/readiness.ts';
import type {VersionedEntry} from '../../server/store/store.ts';
import {testDoor} from '../fixtures/door.ts';
import {MemoryStore} from '../fixtures/server/memory-store.ts';
import {patternedBytes, ServedFolder, until} from '../fixtures/server/server-folder.ts';
import {kinds, RawPeer} from '../fixtures/server/server-raw-peer.ts';
import {StallingServer} from '../fixtures/server/stalling-server.ts';

const timeout = 60_000;
const question = 'jangada/?\r\n';
/** A look starts a thread, which takes long on a busy machine. */
const patient = {lookMs: 30_000};

/** All bytes of the answer to a readiness check. The server ends the connection. */
async function ask(address: {host: string; port: number}, words = question): Promise<string> {
  const peer = await RawPeer.silent(address);
  const told: Buffer[] = [];
  peer.socket.on('data', bytes => told.push(bytes));
  peer.send(words);
  await peer.end();
  return Buffer.concat(told).toString('latin1');
}

/** Check until the answer is `wanted`. */
async function becomes(address: {host: string; port: number}, wanted: string): Promise<void> {
  while ((await ask(address)) !== wanted) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** A store whose root the test can make hang or fail. It counts the looks at its root. */
class TroubledStore extends MemoryStore {
  looks = 0;
  trouble: Promise<void> = Promise.resolve();

  override async stat(path: RemotePath): Promise<VersionedEntry> {
    this.looks++;
    await this.trouble;
    return super.stat(path);
  }
}

test('a check needs no token, and bytes after it are not read', {
  timeout,
}, async t => {
  await using folder = await ServedFolder.start(
    {},
    {door: testDoor(t, {tls: false}), deadlines: patient},
  );
  assert.equal(await ask(folder.server), 'jangada/ready\r\n');
  assert.equal(await ask(folder.server, `${question}\0\0\0\x02\x01\0\0\0{}`), 'jangada/ready\r\n');
});

test('a check works over TLS', {timeout}, async t => {
  await using folder = await ServedFolder.start({}, {door: testDoor(t), deadlines: patient});
  const socket = connect({...folder.server, rejectUnauthorized: false});
  socket.end(question);
  const told = await socket.toArray();
  assert.equal(Buffer.concat(told).toString('latin1'), 'jangada/ready\r\n');
});

test('a check may arrive byte by byte', {timeout}, async () => {
  await using folder = await ServedFolder.start({}, {deadlines: patient});
  const peer = await folder.silentPeer();
  const told = once(peer.socket, 'data');
  for (const byte of question) {
    peer.send(byte);
    await new Promise(resolve => setImmediate(resolve));
  }

  assert.equal(String(await told), 'jangada/ready\r\n');
});

for (const [what, options] of [
  ['of the server', {maxConnections: 1}],
  ['of the address', {maxConnectionsPerAddress: 1}],
] as const) {
  test(`a check is answered while all places ${what} are taken, and takes none from an idle client`, {
    timeout,
  }, async () => {
    const deadlines = {...patient, giveWayMs: 0, lingerMs: 50};
    await using folder = await ServedFolder.start({}, {...options, deadlines});
    const idle = await folder.peer();
    for (let round = 0; round < 5; round++) {
      assert.equal(await ask(folder.server), 'jangada/ready\r\n');
    }

    assert.equal((await idle.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  });
}

test('a check is answered while all clients are at work, and other connections are refused', {
  timeout,
}, async () => {
  const options = {maxConnections: 1, deadlines: {...patient, lingerMs: 50}};
  await using folder = await ServedFolder.start({old: patternedBytes(32 * 1_048_576)}, options);
  const working = await folder.peer();
  working.request(kinds.get, {path: 'old'});
  await working.pauseAfter(1);
  assert.equal(await ask(folder.server), 'jangada/ready\r\n');
  assert.equal(await (await folder.knockingPeer()).errorCode(), 'busy');
});

test('the log has checks only at debug', {timeout}, async () => {
  await using folder = await ServedFolder.start();
  await ask(folder.server);
  await until(() => folder.ended === 1, 'it has ended');
  const levels = folder.logs
    .filter(line => line.includes('"peer"'))
    .map(line => (JSON.parse(line) as {level: number}).level);
  assert.ok(levels.length > 0 && levels.every(level => level <= 20), `${levels}`);
});

test('many checks at once cost one look at the root', {timeout}, async () => {
  const root = new TroubledStore();
  await using folder = await ServedFolder.start({}, {root, deadlines: {lookMs: 3_600_000}});
  const answers = await Promise.all(Array.from({length: 20}, () => ask(folder.server)));
  assert.deepEqual(new Set(answers), new Set(['jangada/ready\r\n']));
  assert.equal(await ask(folder.server), 'jangada/ready\r\n');
  assert.equal(root.looks, 1);
});

test('a check long after a look began to hang gets an answer, and causes no warning of Node', async t => {
  const warnings: Error[] = [];
  const listener = (warning: Error) => warnings.push(warning);
  process.on('warning', listener);
  t.after(() => process.off('warning', listener));
  const root = new TroubledStore();
  const held = Promise.withResolvers<void>();
  root.trouble = held.promise;
  const readiness = new Readiness(root, 5);
  for (let round = 0; round < 3; round++) {
    assert.equal(await readiness.state(), 'unreadable');
    await new Promise(resolve => setTimeout(resolve, 20));
  }

  held.resolve();
  assert.deepEqual(warnings, []);
  assert.equal(root.looks, 1);
});

test('a root that does not answer in time is unreadable, and there is no new look before it answers', {
  timeout,
}, async () => {
  const root = new TroubledStore();
  const held = Promise.withResolvers<void>();
  root.trouble = held.promise;
  await using folder = await ServedFolder.start({}, {root, deadlines: {lookMs: 20}});
  for (let round = 0; round < 5; round++) {
    assert.equal(await ask(folder.server), 'jangada/unreadable\r\n');
  }

  assert.equal(root.looks, 1);
  held.resolve();
  await becomes(folder.server, 'jangada/ready\r\n');
});

test('a root that answers with an error is unreadable, and ready when the error is gone', {
  timeout,
}, async () => {
  const root = new TroubledStore();
  root.trouble = Promise.reject(new Error('EIO'));
  root.trouble.catch(() => {});
  await using folder = await ServedFolder.start({}, {root, deadlines: {lookMs: 1}});
  assert.equal(await ask(folder.server), 'jangada/unreadable\r\n');
  root.trouble = Promise.resolve();
  await becomes(folder.server, 'jangada/ready\r\n');
});

test('a draining server says so, whatever its root does', async () => {
  const root = new TroubledStore();
  const readiness = new Readiness(root, 1000);
  assert.equal(await readiness.state(), 'ready');
  readiness.drain();
  assert.equal(await readiness.state(), 'draining');
});

test('a disk that hangs makes the server unreadable, and delays neither the check nor clients', {
  timeout: 120_000,
  skip: process.platform === 'linux' ? false : 'the disk is made to hang through /proc',
}, async t => {
  const server = await StallingServer.start(t, ['stalled/a'], {}, 'stalled');
  const client = await server.peer();
  await becomes(server.address, 'jangada/ready\r\n');
  server.stall('hang');
  await becomes(server.address, 'jangada/unreadable\r\n');
  assert.equal((await client.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  server.stall(0);
  await becomes(server.address, 'jangada/ready\r\n');
});
