import assert from 'node:assert/strict';
import {test} from 'node:test';
import {IdleWaiters} from '../../../../source/transfers/queue/idle-waiters.ts';

test('all who wait for a queue are told when it is idle, and each of them once', async () => {
  const waiters = new IdleWaiters();
  const told: string[] = [];
  const wait = async (who: string) => {
    await waiters.wait();
    told.push(who);
  };
  const both = [wait('one'), wait('two')];
  waiters.tell();
  assert.ok(waiters.isEmpty);
  const third = wait('three');
  await Promise.all(both);
  assert.deepEqual(told, ['one', 'two']);
  assert.ok(!waiters.isEmpty);
  waiters.tell();
  await third;
  assert.deepEqual(told, ['one', 'two', 'three']);
});
