import assert from 'node:assert/strict';
import {getEventListeners} from 'node:events';
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

test('who stops waiting is told why, and nobody is left', async () => {
  const waiters = new IdleWaiters();
  const stop = new AbortController();
  const waiting = waiters.wait(stop.signal);
  const reason = new Error('enough');
  stop.abort(reason);
  await assert.rejects(waiting, {code: 'aborted', cause: reason});
  assert.ok(waiters.isEmpty);
  await assert.rejects(waiters.wait(stop.signal), {code: 'aborted'});
  assert.ok(waiters.isEmpty);
});

test('a signal keeps nothing of a wait that is over', async () => {
  const waiters = new IdleWaiters();
  const {signal} = new AbortController();
  const waiting = waiters.wait(signal);
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  waiters.tell();
  await waiting;
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});
