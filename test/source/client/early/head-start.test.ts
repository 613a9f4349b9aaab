import assert from 'node:assert/strict';
import type {Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {availableAlgorithms} from '../../../../protocol/block.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {HeadStart} from '../../../../source/client/early/head-start.ts';
import {Pool} from '../../../../source/client/pool.ts';
import {path, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {runDownload} from '../../../fixtures/run-download.ts';
import {
  type HostileRequest,
  type Script,
  startHostileServer,
} from '../../../fixtures/server/hostile-server.ts';

const timeout = 30_000;
const about = {size: 7, mtimeMs: 0, version: 'v'};
const notFound = encodeAnswer('error', {code: 'not_found', message: 'no'});
const stopped = {signal: AbortSignal.abort()};

async function begin(t: TestContext, script: Script): Promise<HeadStart> {
  const address = await startHostileServer(t, script);
  const pool = new Pool(address, {size: 1, retries: 0, retryFirst: false});
  t.after(() => pool.close());
  return await HeadStart.begin(pool, path('a'), undefined);
}

/** The error that a late caller gets for the blocks of a head start. */
function failure(headStart: HeadStart): Promise<unknown> {
  return new Promise(failed => {
    headStart.deliverTo({failed, control: () => assert.fail('There is nothing to deliver')});
  });
}

test('a caller that takes the blocks of a failed head start gets an error', {timeout}, async t => {
  using headStart = await begin(t, (socket, {kind}) => {
    if (kind === frameKinds.get) {
      socket.destroy();
    }
  });
  await until(() => headStart.connection.closed);
  await assert.rejects(headStart.entry, {code: 'connection_lost'});
  await assert.rejects(
    failure(headStart).then(error => Promise.reject(error)),
    {
      code: 'connection_lost',
    },
  );
});

test('a caller that takes the blocks of a head start without blocks gets an error after which it may ask again', {
  timeout,
}, async t => {
  using headStart = await begin(t, (socket, {kind}) => {
    socket.write(
      kind === frameKinds.get
        ? Buffer.concat([encodeAnswer('file', about), encodeAnswer('end', {version: 'v'})])
        : encodeAnswer('entry', {name: 'a', type: 'file', ...about}),
    );
  });
  await until(() => !headStart.comesAs('v'));
  await assert.rejects(
    failure(headStart).then(error => Promise.reject(error)),
    {
      code: 'connection_lost',
    },
  );
});

/** A client with a head start of `a`, to which the server does not answer. */
async function startSilent(t: TestContext): Promise<Client> {
  const client = new Client(await startHostileServer(t, () => undefined), {
    // So that its silence does not end the connection.
    silenceTimeoutMs: 3_600_000,
  });
  t.after(() => client[Symbol.asyncDispose]());
  await client.hello({ahead: path('a')});
  return client;
}

test('a call that is already stopped does not wait for a head start', {timeout}, async t => {
  const client = await startSilent(t);
  await assert.rejects(client.stat(path('a'), stopped), {code: 'aborted'});
});

test('a download that is stopped does not wait for its head start', {timeout}, async t => {
  const client = await startSilent(t);
  const stop = new AbortController();
  const download = runDownload(client, temporaryFolder(t), {signal: stop.signal});
  await until(() => !client.isAhead(path('a')));
  stop.abort();
  await assert.rejects(download, {code: 'aborted'});
});

test('a head start that cannot be made removes an earlier one of another file', {
  timeout,
}, async t => {
  const client = await startSilent(t);
  await assert.rejects(client.hello({ahead: path('b'), ...stopped}), {code: 'aborted'});
  assert.ok(!client.isAhead(path('a')));
});

test('a head start asks for the entry and the first six blocks, cut where the file ends', {
  timeout,
}, async t => {
  const requests: HostileRequest[] = [];
  await begin(t, (_, request) => requests.push(request));
  await until(() => requests.length === 2);
  assert.deepEqual(requests, [
    {kind: frameKinds.stat, body: {path: 'a'}},
    {
      kind: frameKinds.get,
      body: {
        path: 'a',
        algorithm: availableAlgorithms()[0],
        ranges: [[0, 6 * 1_048_576]],
        clip: true,
        progress: true,
      },
    },
  ]);
});

test('blocks of a head start are only for the version that they belong to, until it is disposed of', {
  timeout,
}, async t => {
  using headStart = await begin(t, (socket, {kind}) => {
    socket.write(
      kind === frameKinds.get
        ? encodeAnswer('file', about)
        : encodeAnswer('entry', {name: 'a', type: 'file', ...about}),
    );
  });
  assert.equal((await headStart.entry).version, 'v');
  await until(() => !headStart.comesAs('w'));
  assert.equal(headStart.comesAs('v'), true);
  headStart[Symbol.dispose]();
  assert.equal(headStart.comesAs('v'), false);
  // Blocks are still due on its connection.
  assert.equal(headStart.connection.closed, true);
});

test('a head start that is disposed of twice gives its connection back once', {
  timeout,
}, async t => {
  const address = await startHostileServer(t, (socket, {kind}) => {
    socket.write(
      kind === frameKinds.get
        ? Buffer.concat([encodeAnswer('file', about), encodeAnswer('end', {version: 'v'})])
        : encodeAnswer('entry', {name: 'a', type: 'file', ...about}),
    );
  });
  const pool = new Pool(address, {size: 2, retries: 0, retryFirst: false});
  t.after(() => pool.close());
  const headStart = await HeadStart.begin(pool, path('a'), undefined);
  await until(() => headStart.connection.pending === 0);
  headStart[Symbol.dispose]();
  headStart[Symbol.dispose]();
  const [first, second] = [await pool.acquire(), await pool.acquire()];
  assert.equal(first, headStart.connection);
  assert.notEqual(second, first);
});

test('a server that answers the blocks of a head start with another frame breaks the protocol', {
  timeout,
}, async t => {
  using headStart = await begin(t, (socket, {kind}) => {
    socket.write(
      kind === frameKinds.get
        ? encodeAnswer('pong', {})
        : encodeAnswer('entry', {name: 'a', type: 'file', ...about}),
    );
  });
  await until(() => headStart.connection.closed);
  await assert.rejects(
    failure(headStart).then(error => Promise.reject(error)),
    {code: 'protocol'},
  );
});

for (const [what, answer, expected, asked] of [
  ['an error of the server is the answer', (socket: Socket) => socket.write(notFound), 'error', 1],
  ['a lost connection is asked again', (socket: Socket) => socket.destroy(), 'entry', 2],
] as const) {
  test(`stat of a file that was requested ahead: ${what}, and the head start is over`, {
    timeout,
  }, async t => {
    let stats = 0;
    const address = await startHostileServer(t, (socket, {kind}) => {
      if (kind !== frameKinds.stat) {
        return;
      }

      stats++;
      if (stats === 1) {
        answer(socket);
      } else {
        socket.write(encodeAnswer('entry', {name: 'a', type: 'file', ...about}));
      }
    });
    await using client = new Client(address, {retries: 1});
    await client.hello({ahead: path('a')});
    assert.equal(client.isAhead(path('b')), false);
    const found = await client.stat(path('a')).then(
      () => 'entry',
      () => 'error',
    );
    assert.deepEqual([found, stats, client.isAhead(path('a'))], [expected, asked, false]);
  });
}
