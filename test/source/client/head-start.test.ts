import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {Client} from '../../../source/client/client.ts';
import {HeadStart} from '../../../source/client/head-start.ts';
import {Pool} from '../../../source/client/pool.ts';
import {path, temporaryFolder, until} from '../../fixtures/harness.ts';
import {runDownload} from '../../fixtures/run-download.ts';
import {type Script, startHostileServer} from '../../fixtures/server/hostile-server.ts';

const timeout = 30_000;
const about = {size: 7, mtimeMs: 0, version: 'v'};
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
