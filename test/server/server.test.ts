import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdirSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {blockSize, digestOf, rootDigest} from '../../protocol/block.ts';
import {startServer} from '../../server/server.ts';
import {noise, path, startHarness, temporaryFolder, treeOf} from '../fixtures/harness.ts';
import {MemoryStore} from '../fixtures/server/memory-store.ts';
import {openUnder, patternedBytes, ServedFolder, until} from '../fixtures/server/server-folder.ts';
import {kinds} from '../fixtures/server/server-raw-peer.ts';

/** The limit for a test that hangs. */
const timeout = 60_000;

test('a client can browse and download from any store', async t => {
  const store = new MemoryStore();
  const content = new Map([
    ['small', Buffer.from('small')],
    ['empty', Buffer.alloc(0)],
    ['folder/large', noise(3 * blockSize + 9)],
  ]);
  for (const [name, bytes] of content) {
    store.write(name, bytes);
  }

  const {client, download, target} = await startHarness(t, {server: {root: store}});
  const listed = (await Array.fromAsync(client.list(path('')))).flat();
  assert.deepEqual(listed.map(({name, type}) => `${name} ${type}`).sort(), [
    'empty file',
    'folder folder',
    'small file',
  ]);
  const found = (await Array.fromAsync(client.find(['**']))).flat();
  assert.deepEqual(found.map(({name}) => name).sort(), [...content.keys()].sort());

  const transfers = await download([...content.keys()], {sizes: true});
  assert.deepEqual(
    transfers.map(({state}) => state.name),
    ['done', 'done', 'done'],
  );
  assert.deepEqual(treeOf(target), content);

  const large = content.get('folder/large') ?? assert.fail();
  const {digests, root} = await client.digests(path('folder/large'));
  const expected = Buffer.concat(
    [0, 1, 2, 3].map(block =>
      digestOf('sha256', large.subarray(block * blockSize, (block + 1) * blockSize)),
    ),
  );
  assert.deepEqual(digests, expected);
  assert.equal(root, rootDigest('sha256', expected).toString('hex'));
  const {digest} = await client.hash(path('folder/large'), {algorithm: 'sha1'});
  assert.equal(digest, createHash('sha1').update(large).digest('hex'));
  await assert.rejects(client.stat(path('missing')), {code: 'not_found'});
});

test('a server that cannot listen closes its folder', async t => {
  await using other = await ServedFolder.start();
  const outside = temporaryFolder(t);
  const root = join(outside, 'served');
  mkdirSync(root);
  const {port} = other.server;
  await assert.rejects(startServer({root, port}), {code: 'EADDRINUSE'});
  assert.equal(openUnder(outside), 0);
});

test('a server that stops waits for refused clients no longer than for the others', {
  timeout,
}, async t => {
  const options = {maxConnections: 1, deadlines: {lingerMs: 3_600_000}};
  await using folder = await ServedFolder.start({old: patternedBytes(32 * blockSize)}, options);
  const working = await folder.peer();
  working.request(kinds.get, {path: 'old'});
  await working.pauseAfter(blockSize);
  // This client does not close its side after the server has closed the other.
  const refused = connect({...folder.server, allowHalfOpen: true}).resume();
  refused.write('jangada/1\r\n');
  t.after(() => refused.destroy());
  await once(refused, 'end');
  await folder.server.close({graceMs: 10});
});

test('a store that its caller has made is not closed by the server', async () => {
  let closed = 0;
  const store = new (class extends MemoryStore {
    override close(): void {
      closed++;
    }
  })();
  const server = await startServer({root: store, port: 0});
  await server.close();
  assert.equal(closed, 0);
});

test('a server that has stopped leaves no timer that keeps its program alive', async () => {
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
  const before = timers();
  {
    await using folder = await ServedFolder.start({a: 'x'});
    const peer = await folder.peer();
    await peer.ask(kinds.stat, {path: 'a'});
    const balancer = await folder.silentPeer();
    balancer.send('jangada/?\r\n');
    await balancer.end();
    const leaves = await folder.silentPeer();
    leaves.socket.destroy();
    await until(() => folder.ended === 2, 'one has left before it said anything');
    await folder.silentPeer();
    await folder.server.close({graceMs: 3_600_000});
  }

  assert.equal(timers(), before);
});
