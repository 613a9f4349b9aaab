/** The messages that a serving process sends to its keeper, and its reactions to the answers. */
import assert from 'node:assert/strict';
import {getEventListeners} from 'node:events';
import {suite, test} from 'node:test';
import {KeptMeans} from '../../../server/cluster/kept-means.ts';
import type {FromServing} from '../../../server/cluster/messages.ts';
import type {OwnNewcomer} from '../../../server/connection/means.ts';
import {SendLimiter} from '../../../server/output/send-limiter.ts';

function means(limit?: number) {
  const told: FromServing[] = [];
  const rate = limit === undefined ? {} : {limit};
  const kept = new KeptMeans({most: 64, mostPerAddress: 32, processes: 2, ...rate}, message =>
    told.push(message),
  );
  return {kept, told};
}

suite('the means of a serving process', () => {
  test('let bytes flow in the order of the requests for them', async () => {
    const {kept, told} = means(10_000_000);
    const flowed: number[] = [];
    const all = [1, 2].map(async bytes => {
      await kept.limiter?.take(bytes);
      flowed.push(bytes);
    });
    assert.deepEqual(told, [
      {tell: 'bytes', bytes: 1},
      {tell: 'bytes', bytes: 2},
    ]);
    kept.hear({do: 'flow'});
    await all[0];
    assert.deepEqual(flowed, [1]);
    kept.hear({do: 'flow'});
    await all[1];
    assert.deepEqual(flowed, [1, 2]);
  });

  test('ask for as many bytes at once as a single process, and at high rates for more, up to a block', () => {
    for (const rate of [1, 1000, 1_000_000, 10_000_000]) {
      assert.equal(means(rate).kept.limiter?.sliceSize, new SendLimiter(rate).sliceSize);
    }

    assert.equal(means(100_000_000).kept.limiter?.sliceSize, 625_000);
    assert.equal(means(10_000_000_000).kept.limiter?.sliceSize, 1_048_576);
    assert.equal(means().kept.limiter, undefined);
  });

  test('give a turn back once, whether it was taken or only waited for', async () => {
    const {kept, told} = means();
    const {searches, hashJobs} = kept.longWork;
    const stop = new AbortController();
    const had = searches.enter('a', new AbortController().signal);
    const waited = hashJobs.enter('b', stop.signal);
    kept.hear({do: 'turn', turn: 1});
    const leave = await had;
    leave();
    leave();
    stop.abort();
    await assert.rejects(waited, {code: 'aborted'});
    // The keeper has sent this turn before it heard of the end.
    kept.hear({do: 'turn', turn: 2});
    await assert.rejects(hashJobs.enter('c', AbortSignal.abort()), {code: 'aborted'});
    assert.deepEqual(told, [
      {tell: 'enter', turn: 1, of: 'searches', key: 'a'},
      {tell: 'enter', turn: 2, of: 'hashJobs', key: 'b'},
      {tell: 'leave', turn: 1},
      {tell: 'leave', turn: 2},
      {tell: 'enter', turn: 3, of: 'hashJobs', key: 'c'},
      {tell: 'leave', turn: 3},
    ]);
  });

  test('name the connection that should give way first, of all connections or of those of one address', () => {
    const {kept, told} = means();
    const heard: string[] = [];
    const newcomer = (name: string, address: string, since?: number): OwnNewcomer => ({
      address,
      idle: since === undefined ? undefined : {since, owesLogin: false},
      admit: () => heard.push(`${name} admitted`),
      refuse: why => heard.push(`${name} refused: ${why}`),
      makeWay: () => heard.push(`${name} makes way`),
    });
    const second = newcomer('second', '10.0.0.2', 20);
    for (const one of [newcomer('first', '10.0.0.1', 30), second, newcomer('busy', '10.0.0.3')]) {
      kept.places.ask(one);
    }

    assert.deepEqual(told, [
      {tell: 'newcomer', place: 1, address: '10.0.0.1'},
      {tell: 'newcomer', place: 2, address: '10.0.0.2'},
      {tell: 'newcomer', place: 3, address: '10.0.0.3'},
    ]);
    told.length = 0;
    kept.hear({do: 'longestIdle', question: 7});
    kept.hear({do: 'longestIdle', question: 8, address: '10.0.0.1'});
    kept.hear({do: 'longestIdle', question: 9, address: '10.0.0.3'});
    assert.deepEqual(
      told.map(
        message => message.tell === 'longestIdle' && [message.question, message.longest?.place],
      ),
      [
        [7, 2],
        [8, 1],
        [9, undefined],
      ],
    );
    kept.hear({do: 'admit', place: 1});
    kept.hear({do: 'refuse', place: 3, why: 'full'});
    kept.places.left(second);
    kept.places.left(second);
    kept.hear({do: 'makeWay', place: 2});
    kept.hear({do: 'makeWay', place: 1});
    assert.deepEqual(heard, ['first admitted', 'busy refused: full', 'first makes way']);
    assert.deepEqual(told.slice(3), [{tell: 'left', place: 2}]);
  });

  test('tell how long the one that should give way has been idle, and whether it owes a login', t => {
    t.mock.method(performance, 'now', () => 1000);
    const {kept, told} = means();
    kept.places.ask({
      ...{address: '10.0.0.1', idle: {since: 400, owesLogin: true}},
      ...{admit() {}, refuse() {}, makeWay() {}},
    });
    kept.hear({do: 'longestIdle', question: 1});
    const longest = {place: 1, idleMs: 600, owesLogin: true};
    assert.deepEqual(told.at(-1), {tell: 'longestIdle', question: 1, longest});
  });

  test('count wrong proofs of all processes, let the next proof wait, and tell the others of those at this one', t => {
    t.mock.method(performance, 'now', () => 1000);
    const {kept, told} = means();
    assert.equal(kept.wrongProofs.waitMs('10.0.0.1'), 0);
    kept.hear({do: 'countWrongProof', address: '10.0.0.1'});
    assert.equal(kept.wrongProofs.waitMs('10.0.0.1'), 250);
    assert.deepEqual(kept.wrongProofs.add('10.0.0.1'), {count: 2, delayMs: 500});
    assert.equal(kept.wrongProofs.waitMs('10.0.0.1'), 500);
    assert.deepEqual(told, [{tell: 'wrongProof', address: '10.0.0.1'}]);
  });

  test('leave no listener with a signal once a turn has come', async () => {
    const {kept, told} = means();
    const {signal} = new AbortController();
    const turn = kept.longWork.searches.enter('a', signal);
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    kept.hear({do: 'turn', turn: 1});
    await turn;
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    assert.equal(told.length, 1);
    assert.deepEqual([kept.processes, kept.places.most, kept.places.mostPerAddress], [2, 64, 32]);
  });
});
