import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turns} from 'node:timers/promises';
import {FairQueue} from '../../../server/waiting/fair-queue.ts';
import {Turn} from '../../../server/waiting/turn.ts';

const {signal} = new AbortController();

test('a turn that is given back goes to the next one, and several requests for it count once', async () => {
  const queue = new FairQueue({total: 1, perKey: 1});
  using first = new Turn(queue, 'a', signal);
  using second = new Turn(queue, 'b', signal);
  await first.take();
  const taken = second.take();
  first.give();
  await taken;
  assert.deepEqual([first.held, second.held], [false, true]);
  let calls = 0;
  const count = () => calls++;
  first.request(count);
  first.request(count);
  await turns();
  assert.equal(calls, 0);
  second.give();
  await turns();
  assert.deepEqual([first.held, calls], [true, 1]);
  // The turn is held already, so there is no wait.
  first.request(count);
  assert.equal(calls, 2);
});

test('a turn whose owner ends while it waits goes to others', async () => {
  const queue = new FairQueue({total: 1, perKey: 1});
  using first = new Turn(queue, 'a', signal);
  const second = new Turn(queue, 'b', signal);
  const third = new Turn(queue, 'c', signal);
  await first.take();
  let calls = 0;
  second.request(() => calls++);
  third.request(() => calls++);
  first.give();
  // One turn has just been granted, the other still waits.
  second[Symbol.dispose]();
  third[Symbol.dispose]();
  await turns();
  await first.take();
  assert.deepEqual([calls, second.held, third.held], [0, false, false]);
});

test('a turn that was requested, held and given back can be requested again', async () => {
  const queue = new FairQueue({total: 1, perKey: 1});
  using first = new Turn(queue, 'a', signal);
  let calls = 0;
  for (let round = 1; round <= 3; round++) {
    first.request(() => calls++);
    await turns();
    assert.deepEqual([first.held, calls], [true, round]);
    first.give();
  }
});
