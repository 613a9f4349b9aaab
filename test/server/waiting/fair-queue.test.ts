import assert from 'node:assert/strict';
import {getEventListeners} from 'node:events';
import {test} from 'node:test';
import {FairQueue} from '../../../server/waiting/fair-queue.ts';

test('turns are fair: no key ever has more than its share, and keys take turns', async () => {
  const queue = new FairQueue({total: 2, perKey: 1});
  const {signal} = new AbortController();
  const started: string[] = [];
  const enter = async (key: string) => {
    const leave = await queue.enter(key, signal);
    started.push(key);
    return leave;
  };
  const first = await enter('a');
  const others = ['a', 'a', 'b', 'c'].map(enter);
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(started, ['a', 'b']);
  first();
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(started, ['a', 'b', 'a']);
  (await others[2])?.();
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(started, ['a', 'b', 'a', 'c']);
});

test('a caller that gives up waiting costs others no turn', async () => {
  const queue = new FairQueue({total: 1, perKey: 1});
  const leave = await queue.enter('a', new AbortController().signal);
  const givesUp = new AbortController();
  const gone = queue.enter('b', givesUp.signal);
  const stays = queue.enter('c', new AbortController().signal);
  givesUp.abort();
  await assert.rejects(gone, {code: 'aborted'});
  leave();
  (await stays)();
  (await queue.enter('d', new AbortController().signal))();
});

test('a turn that is passed on is taken at once: a caller that comes in between cannot take it, too', async () => {
  const queue = new FairQueue({total: 1, perKey: 1});
  const {signal} = new AbortController();
  const leave = await queue.enter('a', signal);
  const started: string[] = [];
  const second = queue.enter('b', signal).then(leave => {
    started.push('b');
    return leave;
  });
  leave();
  void queue.enter('c', signal).then(() => started.push('c'));
  const leaveSecond = await second;
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(started, ['b']);
  leaveSecond();
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(started, ['b', 'c']);
});

test('a key with fewer turns goes before one that has waited for longer', async () => {
  const queue = new FairQueue({total: 2, perKey: 2});
  const {signal} = new AbortController();
  const leaves = [await queue.enter('a', signal), await queue.enter('a', signal)];
  const started: string[] = [];
  const enter = (key: string) => queue.enter(key, signal).then(() => started.push(key));
  void enter('a');
  void enter('b');
  leaves[0]?.();
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(started, ['b']);
});

test('a turn that is given back twice is one turn', async () => {
  const queue = new FairQueue({total: 1, perKey: 1});
  const {signal} = new AbortController();
  const leave = await queue.enter('a', signal);
  leave();
  leave();
  const started: string[] = [];
  for (const key of ['b', 'c']) {
    void queue.enter(key, signal).then(() => started.push(key));
  }

  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(started, ['b']);
});

test('a wait that is over leaves nothing with its signal, and one that was given up before is none', async () => {
  const queue = new FairQueue({total: 1, perKey: 1});
  const {signal} = new AbortController();
  const leave = await queue.enter('a', signal);
  const waits = queue.enter('b', signal);
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  await assert.rejects(queue.enter('c', AbortSignal.abort()), {code: 'aborted'});
  leave();
  const leaveSecond = await waits;
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  leaveSecond();
  (await queue.enter('d', signal))();
});
