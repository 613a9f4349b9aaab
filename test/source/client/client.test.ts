import assert from 'node:assert/strict';
import type {AddressInfo} from 'node:net';
import {createServer} from 'node:net';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {parseAddress} from '../../../protocol/address.ts';
import {availableAlgorithms, digestOf, rootDigest} from '../../../protocol/block.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import {frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {rootPath} from '../../../protocol/remote-path.ts';
import {startServer} from '../../../server/server.ts';
import {Client} from '../../../source/client/client.ts';
import {Connection} from '../../../source/client/connection/connection.ts';
import type {LinkState} from '../../../source/client/link.ts';
import {freePort} from '../../fixtures/free-port.ts';
import {noise, path, startHarness, temporaryFolder, until} from '../../fixtures/harness.ts';
import {holdUp} from '../../fixtures/server/effort.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';

test('list, stat, find, hash, digests and ping give the facts about the files', async t => {
  const {client, serve} = await startHarness(t);
  serve('a.txt', 'abc');
  serve('b/c.bin', noise(10));
  const listed = (await Array.fromAsync(client.list(rootPath))).flat();
  assert.deepEqual(listed.map(({name, type, size}) => [name, type, size]).sort(), [
    ['a.txt', 'file', 3],
    ['b', 'folder', 0],
  ]);
  assert.equal((await client.stat(path('a.txt'))).size, 3);
  const found = (await Array.fromAsync(client.find(['**/*.bin']))).flat();
  assert.deepEqual(
    found.map(entry => entry.name),
    ['b/c.bin'],
  );
  const hashed = await client.hash(path('a.txt'), {algorithm: 'sha1', length: 2});
  // printf ab | sha1sum
  assert.equal(hashed.digest, 'da23614e02469a0d7c7bd1bdab5c9c474b1904dc');
  const {digests, root} = await client.digests(path('a.txt'));
  assert.ok(digests.equals(digestOf('sha256', Buffer.from('abc'))));
  assert.equal(root, rootDigest('sha256', digests).toString('hex'));
  assert.ok((await client.ping()) >= 0);
});

test('digests of blocks use the first algorithm that both sides can compute', async t => {
  const {client} = await startHarness(t);
  assert.equal(await client.digestAlgorithm(), availableAlgorithms()[0]);
  // A server without the optional library for BLAKE3.
  await using other = new Client(await startHostileServer(t, () => undefined));
  assert.equal(await other.digestAlgorithm(), 'sha256');
});

test('a folder with more entries than fit in a frame comes in batches', async t => {
  const {client, serve} = await startHarness(t);
  for (let index = 0; index < 2500; index++) {
    serve(`many/file-${index}`, '');
  }

  const batches = await Array.fromAsync(client.list(path('many')));
  assert.ok(batches.length >= 3);
  assert.equal(new Set(batches.flat().map(entry => entry.name)).size, 2500);
});

test('leaving a listing half way ends it, and the client still works', async t => {
  const {client, serve} = await startHarness(t);
  for (let index = 0; index < 3000; index++) {
    serve(`many/file-${index}`, '');
  }

  for await (const batch of client.list(path('many'))) {
    assert.ok(batch.length > 0);
    break;
  }

  assert.equal((await client.stat(path('many'))).type, 'folder');
});

test('a slow reader of a long listing gets all of it', async t => {
  const {client, serve} = await startHarness(t);
  for (let index = 0; index < 12_000; index++) {
    serve(`many/file-${index}`, '');
  }

  let count = 0;
  for await (const batch of client.list(path('many'))) {
    count += batch.length;
    await new Promise(resolve => setTimeout(resolve, 3));
  }

  assert.equal(count, 12_000);
});

for (const [what, call, code] of [
  ['a path that is not there', client => client.stat(path('nope')), 'not_found'],
  ['a listing of a file', client => Array.fromAsync(client.list(path('a'))), 'not_a_folder'],
  ['a hash of a folder', client => client.hash(path('d')), 'not_a_file'],
  [
    'a mask over the limit',
    client => Array.fromAsync(client.find(['x'.repeat(100_000)])),
    'bad_mask',
  ],
] as ReadonlyArray<[string, (client: Client) => Promise<unknown>, string]>) {
  test(`${what} is an error with the code ${code}, and the connection still works`, async t => {
    const {client, serve} = await startHarness(t);
    serve('a', '');
    serve('d/e', '');
    await assert.rejects(call(client), error => isJangadaError(error) && error.code === code);
    assert.equal((await client.stat(path('a'))).size, 0);
  });
}

test('a signal ends a call', async t => {
  const address = await startHostileServer(t, () => undefined);
  await using client = new Client(address);
  const abort = new AbortController();
  const call = client.hash(path('a'), {signal: abort.signal});
  setImmediate(() => abort.abort());
  await assert.rejects(call, error => isJangadaError(error, 'aborted'));
});

test('if nothing listens, the error says in one line the address and what to check', async () => {
  const port = await freePort();
  await using client = new Client(parseAddress(`127.0.0.1:${port}`), {retries: 5});
  const links: string[] = [];
  client.onLink(({name}) => links.push(name));
  await assert.rejects(client.ping(), error => {
    assert.ok(isJangadaError(error, 'unreachable'));
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}.*Check`));
    return true;
  });
  // There has been no connection yet, so that it is not tried again.
  assert.deepEqual(links, []);
});

test('a greeting that arrived while this thread was blocked arrived in time', async t => {
  const address = await startHostileServer(
    t,
    () => undefined,
    [],
    () => process.nextTick(() => holdUp(1500)),
  );
  const connection = await Connection.open(address, {connectTimeoutMs: 1000});
  assert.equal(connection.closed, false);
  connection.close();
});

test('a server that accepts a connection and sends no greeting is given up after 10 s', async t => {
  const accepted = Promise.withResolvers<void>();
  const server = createServer(socket => {
    t.after(() => socket.destroy());
    accepted.resolve();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const {timers} = t.mock;
  timers.enable({apis: ['setTimeout']});
  const {port} = server.address() as AddressInfo;
  let isOver = false;
  const opened = Connection.open(parseAddress(`127.0.0.1:${port}`)).finally(() => {
    isOver = true;
  });
  const given = assert.rejects(opened, error => {
    assert.ok(isJangadaError(error, 'unreachable'));
    assert.match(error.message, /it did not answer in time/);
    return true;
  });
  await accepted.promise;
  timers.tick(9999);
  await turn();
  await turn();
  assert.equal(isOver, false);
  timers.tick(1);
  await given;
});

test('another kind of server is recognised', async t => {
  const server = createServer(socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const {port} = server.address() as AddressInfo;
  await using client = new Client(parseAddress(`127.0.0.1:${port}`));
  await assert.rejects(
    client.ping(),
    error => isJangadaError(error, 'unreachable') && /answered like ssh/.test(error.message),
  );
});

test('a server that falls silent during an answer counts as gone', async t => {
  const address = await startHostileServer(t, () => undefined);
  await using client = new Client(address, {silenceTimeoutMs: 300});
  await assert.rejects(client.stat(path('a')), error => isJangadaError(error, 'connection_lost'));
});

test('progress keeps a long answer alive', async t => {
  const seen: number[] = [];
  const address = await startHostileServer(t, socket => {
    let done = 0;
    const timer = setInterval(() => {
      socket.write(encodeAnswer('progress', {done: ++done}));
      if (done === 4) {
        clearInterval(timer);
        const digest = '0'.repeat(40);
        socket.write(encodeAnswer('hashed', {digest, length: 1, size: 1, version: 'v'}));
      }
    }, 400);
  });
  await using client = new Client(address, {silenceTimeoutMs: 900});
  const onProgress = ({done}: {done: number}) => seen.push(done);
  await client.hash(path('a'), {algorithm: 'sha1', onProgress});
  assert.deepEqual(seen, [1, 2, 3, 4]);
});

test('a client finds a server that restarts on its port, and the link has the right states meanwhile', async t => {
  const root = temporaryFolder(t);
  const port = await freePort();
  let server = await startServer({root, port});
  await using client = new Client(parseAddress(server.address), {retries: 20});
  const links: LinkState['name'][] = [];
  client.onLink(link => links.push(link.name));
  await client.ping();
  await server.close({graceMs: 0});
  await until(() => client.link.name === 'idle');
  const call = client.ping();
  await until(() => client.link.name === 'waiting');
  server = await startServer({root, port});
  t.after(() => server.close({graceMs: 0}));
  await call;
  assert.deepEqual(links, ['connected', 'idle', 'waiting', 'connected']);
});

test('a call waits while all connections are in use', async t => {
  const {server} = await startHarness(t);
  await using client = new Client(parseAddress(server.address), {connections: 1});
  const holding = Array.from({length: 3}, () => Promise.withResolvers<void>());
  const holds = holding.map(({promise}) => client.withConnection(() => promise));
  const ping = client.ping();
  const first = await Promise.race([ping.then(() => 'ping'), delay(200).then(() => 'waiting')]);
  assert.equal(first, 'waiting');
  holding[0]?.resolve();
  await ping;
  for (const {resolve} of holding) {
    resolve();
  }

  await Promise.all(holds);
});

function delay(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

test('a client without a token refuses a server that requires one', async t => {
  const server = createServer(socket => {
    const limits = {payload: 1, pipelined: 1, ranges: 1, masks: 1, maskLength: 1};
    const hello = {protocol: 1, server: 'x', algorithms: ['sha256'], token: true, limits};
    const payload = Buffer.from(JSON.stringify(hello));
    const frame = Buffer.alloc(8 + payload.length);
    frame.writeUInt32BE(payload.length, 0);
    frame[4] = frameKinds.hello;
    payload.copy(frame, 8);
    socket.write(frame);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const {port} = server.address() as AddressInfo;
  await using client = new Client(parseAddress(`127.0.0.1:${port}`));
  await assert.rejects(client.ping(), error => isJangadaError(error, 'unauthorized'));
});
