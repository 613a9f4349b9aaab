import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {Matcher} from '../../../../server/store/bucket/find/matcher.ts';
import {fakeThreads} from '../../../fixtures/server/fake-threads.ts';

const client = (peer = 'a') => ({peer, signal: new AbortController().signal});
const hopeless = {
  masks: ['*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b'],
  names: ['a'.repeat(250)],
  folders: [false],
};

test('names are matched in a thread, by the rules of the protocol for masks', async t => {
  const matcher = new Matcher(60_000);
  t.after(() => matcher.close());
  const task = {
    masks: ['**/*.txt', 'd*/', '!x/**'],
    names: ['a.txt', 'a/b.txt', 'a.jpg', 'd', 'd', 'x/a.txt'],
    folders: [false, false, false, true, false, false],
  };
  for (let round = 0; round < 3; round++) {
    assert.deepEqual([...(await matcher.match(task, client()))], [1, 1, 0, 1, 0, 0]);
  }
});

test('masks that would take for ever end with an error, and do not delay others', async t => {
  const matcher = new Matcher(400);
  t.after(() => matcher.close());
  const other = {masks: ['*'], names: ['a'], folders: [false]};
  const asked = assert.rejects(matcher.match(hopeless, client()), {code: 'bad_mask'});
  assert.deepEqual([...(await matcher.match(other, client('b')))], [1]);
  await asked;
  assert.deepEqual([...(await matcher.match(other, client()))], [1]);
});

test('when a client leaves, its matching ends', async t => {
  const matcher = new Matcher(60_000);
  t.after(() => matcher.close());
  const stop = new AbortController();
  const asked = assert.rejects(matcher.match(hopeless, {peer: 'a', signal: stop.signal}), {
    code: 'aborted',
  });
  setImmediate(() => stop.abort());
  await asked;
});

/** A matcher whose threads a test answers for. */
function matcherOf(t: TestContext) {
  const started = fakeThreads(t);
  const matcher = new Matcher(60_000);
  t.after(() => matcher.close());
  const task = {masks: ['*'], names: ['a'], folders: [false]};
  const match = (peer = 'a', signal = new AbortController().signal) => {
    const matching = matcher.match(task, {peer, signal});
    // A test looks at some of them only.
    matching.catch(() => {});
    return matching;
  };
  return {started, matcher, match};
}

test('if a thread does not start, the search fails with the cause, and the next one starts another', async t => {
  const {started, match} = matcherOf(t);
  const matching = match();
  await turn();
  started[0]?.emit('error', new Error('no memory'));
  started[0]?.emit('exit', 1);
  await assert.rejects(matching, error => {
    assert.ok(isJangadaError(error, 'internal'));
    assert.match(String(error.cause), /no memory/);
    return true;
  });
  const next = match();
  await turn();
  started[1]?.answer('ready');
  await turn();
  started[1]?.answer(Uint8Array.of(1));
  assert.deepEqual([...(await next)], [1]);
});

test('two tasks are matched at once, one of each client, and the threads are used again', async t => {
  const {started, match} = matcherOf(t);
  const tasks = [match('a'), match('a'), match('b'), match('c')];
  await turn();
  assert.equal(started.length, 2);
  for (const thread of started) {
    assert.equal(thread.sent.length, 0, 'it has not started yet');
    thread.answer('ready');
  }

  await turn();
  for (let time = 0; time < 2; time++) {
    for (const thread of started) {
      assert.equal(thread.sent.length, time + 1);
      thread.answer(Uint8Array.of(1));
    }

    await turn();
  }

  for (const answer of await Promise.all(tasks)) {
    assert.deepEqual([...answer], [1]);
  }

  assert.ok(started.every(({holdsProcess, isTold}) => !holdsProcess && !isTold));
});

test('a client that leaves while a thread starts costs the next one nothing', async t => {
  const {started, match} = matcherOf(t);
  const leaver = new AbortController();
  const left = match('a', leaver.signal);
  await turn();
  leaver.abort();
  started[0]?.answer('ready');
  await assert.rejects(left, {code: 'aborted'});
  const next = match();
  await turn();
  assert.deepEqual([started.length, started[0]?.sent.length, started[0]?.isTold], [1, 1, false]);
  started[0]?.answer(Uint8Array.of(0));
  assert.deepEqual([...(await next)], [0]);
});

for (const [what, code] of [
  ['fails', 'internal'],
  ['ends', 'internal'],
] as const) {
  test(`a thread that ${what} at work is an error for its search, and is not used again`, async t => {
    const {started, match} = matcherOf(t);
    const matching = match();
    await turn();
    started[0]?.answer('ready');
    await turn();
    if (what === 'fails') {
      started[0]?.emit('error', new Error('a fault'));
    }

    started[0]?.emit('exit', 1);
    await assert.rejects(matching, {code});
    void match();
    await turn();
    assert.equal(started.length, 2);
  });
}

test('a matcher that is closed while a thread starts ends its search as stopped', async t => {
  const {started, matcher, match} = matcherOf(t);
  const matching = match();
  await turn();
  await matcher.close();
  assert.equal(started[0]?.isTold, true);
  await assert.rejects(matching, {code: 'aborted'});
  await assert.rejects(match(), {code: 'aborted'});
  assert.equal(started.length, 1);
});
