import assert from 'node:assert/strict';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {isJangadaError} from '../../../protocol/errors.ts';
import {download, Queue, read, readBytes, verify} from '../../../source/index.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {stateOfItsOwn} from '../../fixtures/own-state.ts';

stateOfItsOwn();

type Call = (signal: AbortSignal) => Promise<unknown>;

/** Calls of all functions that take a signal, at a server that never greets and calls `connected`. */
async function startCalls(t: TestContext, connected: () => void): Promise<Map<string, Call>> {
  const listener = createServer(socket => {
    socket.on('error', () => {});
    connected();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => listener.close());
  const {port} = listener.address() as AddressInfo;
  const address = `jangada://127.0.0.1:${port}`;
  const remote = `${address}/a`;
  const folder = temporaryFolder(t);
  const local = join(folder, 'copy');
  writeFileSync(local, 'x');
  return new Map<string, Call>([
    ['download', signal => download(remote, join(folder, 'new'), {signal})],
    ['download to a copy', signal => download(remote, local, {signal})],
    ['read', signal => read(remote, {signal}).getReader().read()],
    ['readBytes', signal => readBytes(remote, {signal})],
    ['verify', signal => verify(remote, local, {signal})],
    [
      'addMatching',
      async signal => {
        await using queue = new Queue({server: address});
        await queue.addMatching(['**'], {folder, signal});
      },
    ],
  ]);
}

const abortedBy = (why: unknown) => (error: unknown) =>
  isJangadaError(error, 'aborted') && error.cause === why;

test('the cause of `aborted` is the reason of a signal that was aborted before', async t => {
  for (const [name, call] of await startCalls(t, () => {})) {
    const why = new Error('enough');
    await assert.rejects(call(AbortSignal.abort(why)), abortedBy(why), name);
  }
});

test('the cause of `aborted` is the reason of a signal that is aborted while the client connects', async t => {
  let stop = new AbortController();
  const why = new Error('enough');
  for (const [name, call] of await startCalls(t, () => stop.abort(why))) {
    stop = new AbortController();
    await assert.rejects(call(stop.signal), abortedBy(why), name);
  }
});
