import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {rootPath} from '../../../../protocol/remote-path.ts';
import {Client} from '../../../../source/client/client.ts';
import {noise, path, startHarness, until} from '../../../fixtures/harness.ts';
import {type HostileRequest, startHostileServer} from '../../../fixtures/server/hostile-server.ts';
import {startLateGreeter} from '../../../fixtures/server/late-greeter.ts';

test('the first request is sent right after the preface, without waiting for the greeting', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', noise(1000));
  await using client = new Client(await startLateGreeter(t, server.port, 1));
  assert.equal((await client.stat(path('a'))).size, 1000);
  assert.equal((await client.digests(path('a'))).size, 1000);
});

test('a listing and a search leave behind the preface', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', noise(1000));
  const names = async (batches: AsyncIterable<readonly {name: string}[]>) =>
    (await Array.fromAsync(batches)).flat().map(({name}) => name);
  const address = await startLateGreeter(t, server.port, 1);
  await using lister = new Client(address);
  assert.deepEqual(await names(lister.list(rootPath)), ['a']);
  await using finder = new Client(address);
  assert.deepEqual(await names(finder.find(['*'])), ['a']);
});

test('a search that no server has to accept before its greeting waits for it', async t => {
  const masks = Array.from({length: 9}, (_, index) => `${index}${'x'.repeat(4000)}`);
  const {asked, address} = await startNamer(t);
  await using client = new Client(address);
  await client.hello({entries: {name: 'find', body: {masks, path: rootPath}}});
  // A request that had left with the greeting would come first.
  await Array.fromAsync(client.list(path('b')));
  assert.deepEqual(await Array.fromAsync(client.find(masks)), [[entry('a')]]);
  assert.deepEqual(
    asked.map(({kind}) => kind),
    [frameKinds.list, frameKinds.find],
  );
});

test('a listing that was asked for with the greeting is not asked for again, and only once', async t => {
  const {asked, address} = await startNamer(t);
  await using client = new Client(address);
  await client.hello({entries: {name: 'list', body: {path: path('b')}}});
  await until(() => asked.length === 1);
  for (const [folder, requests] of [
    ['c', 2],
    ['b', 2],
    ['b', 3],
  ] as const) {
    assert.deepEqual(await Array.fromAsync(client.list(path(folder))), [[entry(folder)]]);
    assert.equal(asked.length, requests, folder);
  }
});

test('a listing that was asked for with the greeting, and lost, is asked for again', async t => {
  const {asked, address} = await startNamer(t, 1);
  await using client = new Client(address);
  const sent = {entries: {name: 'list', body: {path: path('b')}}} as const;
  await client.hello(sent);
  await until(() => asked.length === 1);
  assert.deepEqual(await Array.fromAsync(client.list(path('b'))), [[entry('b')]]);
  assert.equal(asked.length, 2);
});

test('a listing that nobody took gives its connection back when another is asked for', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', noise(1000));
  // Three connections in all: the greeting takes one, and gives it back.
  await using client = new Client(parseAddress(server.address), {connections: 1});
  for (let round = 0; round < 5; round++) {
    await client.hello({entries: {name: 'list', body: {path: rootPath}}});
  }

  assert.equal((await client.stat(path('a'))).size, 1000);
});

test('aborting a listing that was asked for with the greeting ends it', async t => {
  const address = await startHostileServer(t, () => undefined);
  await using client = new Client(address);
  await client.hello({entries: {name: 'list', body: {path: rootPath}}});
  const stop = new AbortController();
  const listed = Array.fromAsync(client.list(rootPath, {signal: stop.signal}));
  stop.abort();
  await assert.rejects(listed);
});

test('an error in place of the greeting fails all requests sent before it, with its reason', async t => {
  const busy = encodeAnswer('error', {code: 'busy', message: 'All places are taken'});
  const server = createServer(socket => socket.once('data', () => socket.end(busy)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // A listening TCP server always has this type of address.
  const {port} = server.address() as AddressInfo;
  await using client = new Client(parseAddress(`jangada://127.0.0.1:${port}`));
  const asked = await Promise.allSettled([client.stat(path('a')), client.ping()]);
  for (const answer of asked) {
    assert.equal(answer.status === 'rejected' && answer.reason.code, 'busy');
  }
});

test('a request is sent again if its connection could not be opened', async t => {
  let connections = 0;
  const address = await startHostileServer(
    t,
    (socket, {kind}) => {
      if (kind === frameKinds.stat) {
        socket.write(
          encodeAnswer('entry', {name: 'a', type: 'file', size: 7, mtimeMs: 0, version: 'v'}),
        );
      }
    },
    [],
    socket => {
      if (++connections === 1) {
        socket.destroy();
      }
    },
  );
  await using client = new Client(address, {retries: 2, retryFirst: true});
  assert.equal((await client.stat(path('a'))).size, 7);
  assert.equal(connections, 2);
});

const entry = (name: string) => ({name, type: 'file' as const, size: 0, mtimeMs: 0});

/** A server whose folders have one file each, with the name of the folder. It drops its first `lost` connections. */
async function startNamer(t: TestContext, lost = 0) {
  const asked: HostileRequest[] = [];
  const address = await startHostileServer(t, (socket, request) => {
    asked.push(request);
    if (asked.length <= lost) {
      socket.end();
      return;
    }

    const entries = [entry(String(request.body.path) || 'a')];
    socket.write(
      Buffer.concat([encodeAnswer('entries', {entries}), encodeAnswer('end', {count: 1})]),
    );
  });
  return {asked, address};
}
