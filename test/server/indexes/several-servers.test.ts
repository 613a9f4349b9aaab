/** Servers with a common root and a common shelf, one after the other or at once, and clients that know of neither. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {mkdirSync, readFileSync, truncateSync, writeFileSync} from 'node:fs';
import {type AddressInfo, connect, createServer} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../protocol/address.ts';
import {digestOf, rootDigest} from '../../../protocol/block.ts';
import {parseRemotePath} from '../../../protocol/remote-path.ts';
import {openShelf} from '../../../server/indexes/shelves/open-shelf.ts';
import {type RunningServer, startServer} from '../../../server/server.ts';
import {Client} from '../../../source/client/client.ts';
import {verifyFile} from '../../../source/transfers/download/verify.ts';
import {Queue} from '../../../source/transfers/queue/queue.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {CountingStore} from '../../fixtures/server/counting-store.ts';
import {patternedBytes} from '../../fixtures/server/server-folder.ts';
import {json, kinds, RawPeer} from '../../fixtures/server/server-raw-peer.ts';

const block = 1_048_576;
const size = 24 * block + 77;

type Served = {server: RunningServer; store: CountingStore};

/** A root with a file that changed long ago, and a function that starts servers of it with a common shelf of this kind. */
function sharedRoot(t: TestContext, kind: 'state' | 'folder', bytesOfFile = size) {
  const folder = temporaryFolder(t);
  const root = join(folder, 'root');
  const target = join(folder, 'target');
  mkdirSync(root);
  mkdirSync(target);
  const bytes = patternedBytes(bytesOfFile);
  writeFileSync(join(root, 'file'), bytes);
  t.mock.timers.enable({apis: ['Date'], now: Date.now() + 60_000});
  const option = kind === 'state' ? undefined : {kind, folder: join(folder, 'digests')};
  const openShared = () => openShelf(option, root, {JANGADA_STATE: join(folder, 'state')});
  const start = async (): Promise<Served> => {
    const store = new CountingStore(root);
    const shelf = openShared();
    const server = await startServer({
      ...{root: store, shelf, port: 0},
      // Long, because this machine may be busy.
      deadlines: {shelfMs: 60_000},
    });
    t.after(async () => {
      await server.close({graceMs: 0});
      await store.close();
    });
    return {server, store};
  };
  return {bytes, target, start, openShared};
}

function totalOf(servers: readonly Served[], what: 'readBytes' | 'hashedBytes'): number {
  return servers.reduce((sum, {store}) => sum + store[what], 0);
}

/** The root digest from three requests, and the bytes of the file that the server read for them. */
async function rootsOf({server, store}: Served) {
  const peer = await RawPeer.greeted(server);
  const roots: unknown[] = [];
  for (const [from, to] of [
    [0, undefined],
    [0, 0],
  ]) {
    const frames = await peer.ask(kinds.digests, {path: 'file', from, to});
    roots.push(json(frames.at(-1) ?? assert.fail()).root);
  }

  const question = {files: [['file', size]], algorithm: 'sha256'};
  const [rootBytes] = await peer.ask(kinds.roots, question);
  roots.push(rootBytes?.payload.subarray(-32).toString('hex'));
  peer.socket.destroy();
  return {roots, read: store.readBytes + store.hashedBytes};
}

async function download(t: TestContext, address: string, target: string, connections = 1) {
  const client = new Client(parseAddress(address), {connections});
  const queue = new Queue({client, connections});
  t.after(async () => {
    await queue[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  });
  const file = {remotePath: parseRemotePath('file'), folder: target, localPath: 'file'};
  const [id = 0] = queue.add([{...file, onConflict: 'resume'}]);
  await queue.idle();
  assert.equal(queue.transfer(id)?.state.name, 'done');
  return client;
}

/** A balancer that gives each connection to the next server. */
async function balancerOf(t: TestContext, servers: readonly Served[]): Promise<string> {
  let turn = 0;
  const listener = createServer(client => {
    const next = servers[turn++ % servers.length]?.server ?? assert.fail();
    const upstream = connect(next.port, next.host);
    client.pipe(upstream).pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  t.after(() => listener.close());
  // The address of a listener on a TCP port has this type.
  return `jangada://127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

test('a wrong digest on the shelf is replaced when its block is sent, and the client gets the file', async t => {
  const {target, bytes, start, openShared} = sharedRoot(t, 'state');
  const {server, store} = await start();
  const {state = ''} = await store.open(parseRemotePath('file'));
  const shelf = openShared() ?? assert.fail();
  for (const algorithm of ['sha256', 'blake3'] as const) {
    const file = {path: 'file', state, size, algorithm};
    await shelf.save(file, 0, [{first: 3, digests: new Uint8Array(32)}]);
  }

  await shelf.close();
  const peer = await RawPeer.greeted(server);
  t.after(() => peer.socket.destroy());
  const rootOf = async () => {
    const frames = await peer.ask(kinds.digests, {path: 'file'});
    return json(frames.at(-1) ?? assert.fail()).root;
  };
  const digests = Array.from({length: 25}, (_, at) =>
    digestOf('sha256', bytes.subarray(at * block, (at + 1) * block)),
  );
  const root = rootDigest('sha256', Buffer.concat(digests)).toString('hex');
  assert.notEqual(await rootOf(), root);
  await peer.ask(kinds.get, {path: 'file', ranges: [[3 * block, block]]});
  assert.equal(await rootOf(), root);
  // The client first asks for digests in the other algorithm, to resume a partial file.
  writeFileSync(join(target, 'file'), bytes.subarray(0, 2 * block));
  await download(t, server.address, target);
  assert.ok(readFileSync(join(target, 'file')).equals(bytes));
  const later = await start();
  assert.deepEqual(await rootsOf(later), {roots: [root, root, root], read: 0});
});

for (const kind of ['state', 'folder'] as const) {
  const where = kind === 'state' ? 'in the folder for state' : 'in a folder of digests';

  test(`${where}: after a restart digests, roots and verify read nothing`, async t => {
    const {target, bytes, start} = sharedRoot(t, kind);
    const first = await start();
    const before = await rootsOf(first);
    assert.equal(before.read, size);
    await first.server.close({graceMs: 0});
    const second = await start();
    const after = await rootsOf(second);
    assert.deepEqual(after, {roots: before.roots, read: 0});
    assert.deepEqual(new Set(after.roots), new Set([before.roots[0]]));
    writeFileSync(join(target, 'file'), bytes);
    const client = new Client(parseAddress(second.server.address));
    t.after(() => client[Symbol.asyncDispose]());
    const path = parseRemotePath('file');
    const report = await verifyFile(client, path, join(target, 'file'));
    assert.ok(report.blocks.every(verdict => verdict === 'good'));
    // The server hashes the file for the first time in the algorithm that both sides prefer.
    assert.ok(second.store.hashedBytes <= size);
    const third = await start();
    const again = new Client(parseAddress(third.server.address));
    t.after(() => again[Symbol.asyncDispose]());
    await verifyFile(again, path, join(target, 'file'));
    assert.equal(third.store.hashedBytes, 0);
  });

  test(`${where}: digests of sent blocks are known after a restart, and a resume reads only the missing blocks`, async t => {
    const {target, bytes, start} = sharedRoot(t, kind);
    const first = await start();
    await download(t, first.server.address, target);
    assert.deepEqual([first.store.readBytes, first.store.hashedBytes], [size, 0]);
    await first.server.close({graceMs: 0});
    truncateSync(join(target, 'file'), 20 * block);
    const second = await start();
    await download(t, second.server.address, target);
    const {readBytes, hashedBytes} = second.store;
    assert.deepEqual([readBytes, hashedBytes], [4 * block + 77, 0]);
    assert.ok(readFileSync(join(target, 'file')).equals(bytes));
  });

  test(`${where}: three servers that get requests one after the other read a file once in total`, async t => {
    const {start} = sharedRoot(t, kind);
    const servers = [await start(), await start(), await start()];
    const told = [];
    for (const served of servers) {
      told.push(...(await rootsOf(served)).roots);
    }

    assert.equal(new Set(told).size, 1);
    assert.equal(totalOf(servers, 'readBytes') + totalOf(servers, 'hashedBytes'), size);
  });

  test(`${where}: behind a balancer, three servers together read a file only once for one client`, async t => {
    // Enough blocks for three connections.
    const size = 100 * block + 77;
    const {target, bytes, start} = sharedRoot(t, kind, size);
    const servers = [await start(), await start(), await start()];
    await download(t, await balancerOf(t, servers), target, 6);
    assert.ok(readFileSync(join(target, 'file')).equals(bytes));
    const senders = servers.filter(({store}) => store.readBytes > 0);
    assert.ok(senders.length > 1, 'several servers have sent some of it');
    assert.deepEqual([totalOf(servers, 'readBytes'), totalOf(servers, 'hashedBytes')], [size, 0]);
  });

  test(`${where}: servers that compute the same digests at once agree, and damage nothing on the shelf`, async t => {
    const {start} = sharedRoot(t, kind);
    const servers = [await start(), await start(), await start()];
    const told = await Promise.all(servers.map(rootsOf));
    assert.equal(new Set(told.flatMap(({roots}) => roots)).size, 1);
    const later = await rootsOf(await start());
    assert.deepEqual(later, {roots: told[0]?.roots, read: 0});
  });
}
