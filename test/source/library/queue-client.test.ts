import assert from 'node:assert/strict';
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
