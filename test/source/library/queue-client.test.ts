import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {Queue} from '../../../source/index.ts';
import {startHarness} from '../../fixtures/harness.ts';
import {stateOfItsOwn} from '../../fixtures/own-state.ts';

stateOfItsOwn();

for (const what of ['kept', 'with a limit'] as const) {
  test(`the caller's client gets back its connections and its limit after a queue ${what}`, async t => {
    const {client, root} = await startHarness(t);
    client.connections = 13;
    client.bytesPerSecond = 5_000_000;
    const own = () => [client.connections, client.bytesPerSecond];
    const before = own();
    const queue = new Queue({
      server: client,
      ...(what === 'kept'
        ? {stateFolder: join(root, '../state')}
        : {bytesPerSecond: 1000, connections: 2}),
    });
    queue.limits = {...queue.limits, connectionsPerFile: 3};
    assert.notDeepEqual(own(), before);
    await queue[Symbol.asyncDispose]();
    assert.deepEqual(own(), before);
  });
}

test('a limit that the caller gives its client while a queue without limits works stays', async t => {
  const {client} = await startHarness(t);
  const queue = new Queue({server: client});
  client.bytesPerSecond = 1_000_000;
  await queue[Symbol.asyncDispose]();
  assert.equal(client.bytesPerSecond, 1_000_000);
});

for (const first of ['older', 'younger'] as const) {
  test(`of two queues of one client, the ${first} one closes first: the limit of the other stays, and the client gets its own back`, async t => {
    const {client} = await startHarness(t);
    client.bytesPerSecond = 5_000_000;
    const limits = [1_000_000, 2_000_000];
    const queues = limits.map(bytesPerSecond => new Queue({server: client, bytesPerSecond}));
    if (first === 'younger') {
      queues.reverse();
      limits.reverse();
    }

    await queues[0]?.[Symbol.asyncDispose]();
    assert.equal(client.bytesPerSecond, limits[1]);
    await queues[1]?.[Symbol.asyncDispose]();
    assert.equal(client.bytesPerSecond, 5_000_000);
  });
}

test('a queue that cannot be made changes nothing of its client, nor of other queues', async t => {
  const {client, root} = await startHarness(t);
  const queue = new Queue({server: client});
  writeFileSync(join(root, 'file'), '');
  const stateFolder = join(root, 'file', 'state');
  assert.throws(() => new Queue({server: client, stateFolder, bytesPerSecond: 1000}), {
    code: 'unsafe_target',
  });
  assert.equal(client.bytesPerSecond, undefined);
  await queue[Symbol.asyncDispose]();
});
