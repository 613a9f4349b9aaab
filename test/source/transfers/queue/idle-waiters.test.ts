import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {IdleWaiters} from '../../../../source/transfers/queue/idle-waiters.ts';

test('all who wait for a queue are called when it is idle, each of them once', async () => {
  const waiters = new IdleWaiters();
  const told: string[] = [];
  const wait = async (who: string) => {
    await waiters.wait();
    told.push(who);
  };
  void wait('one');
  void wait('two');
  waiters.tell();
  assert.ok(waiters.isEmpty);
  void wait('three');
  await turn();
  assert.deepEqual(told, ['one', 'two']);
  assert.ok(!waiters.isEmpty);
  waiters.tell();
  await turn();
  assert.deepEqual(told, ['one', 'two', 'three']);
});
