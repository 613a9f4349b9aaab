import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {JangadaError} from '../../../protocol/errors.ts';
import {Link, type LinkState} from '../../../source/client/link.ts';

const lost = new JangadaError('connection_lost', 'The connection is lost: it went', {
  brief: 'it went',
});
const {signal} = new AbortController();

/** A link whose waits have no jitter, and everything that it tells its listeners. */
function startLink(t: TestContext) {
  t.mock.timers.enable({apis: ['setTimeout', 'Date'], now: 1_000_000});
  t.mock.method(Math, 'random', () => 0);
  const link = new Link();
  const told: LinkState[] = [];
  const remove = link.onChange(state => told.push(state));
  const waits = () => told.flatMap(state => (state.name === 'waiting' ? state.retryInMs : []));
  /** Wait for the next attempt until it is due. */
  const waitOnce = async () => {
    const attempt = link.nextAttempt(lost, signal);
    t.mock.timers.tick(waits().at(-1) ?? 0);
    await attempt;
  };
  return {link, told, remove, waits, waitOnce};
}

test('a link that waits tells the reason, and when the next attempt follows', async t => {
  const {link, told, waitOnce} = startLink(t);
  await waitOnce();
  assert.deepEqual(told, [
    {
      name: 'waiting',
      retryInMs: 500,
      retryAtMs: 1_000_500,
      reason: 'The connection is lost: it went',
      brief: 'it went',
    },
  ]);
  const attempt = link.nextAttempt(new Error('odd'), signal);
  assert.partialDeepStrictEqual(link.state, {name: 'waiting', reason: 'odd', brief: 'odd'});
  t.mock.timers.tick(1000);
  await attempt;
});

test('waits grow from one failed attempt to the next, and callers that come later join the wait', async t => {
  const {link, waits, waitOnce} = startLink(t);
  await waitOnce();
  const callers = [1, 2, 3].map(() => link.nextAttempt(lost, signal));
  t.mock.timers.tick(1000);
  await Promise.all(callers);
  await waitOnce();
  assert.deepEqual(waits(), [500, 1000, 2000]);
});

test('a wait that all callers give up does not make the next one longer', async t => {
  const {link, waits} = startLink(t);
  const stop = new AbortController();
  const given = link.nextAttempt(lost, stop.signal);
  stop.abort();
  await assert.rejects(given, {code: 'aborted'});
  void link.nextAttempt(lost, signal);
  assert.deepEqual(waits(), [500, 500]);
});

test('a new connection ends the wait, and keeps three failures at most until it is stable', async t => {
  const {link, waits, waitOnce} = startLink(t);
  for (let failure = 0; failure < 6; failure++) {
    await waitOnce();
  }

  const attempt = link.nextAttempt(lost, signal);
  link.connected();
  await attempt;
  assert.deepEqual(waits(), [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  await waitOnce();
  assert.equal(waits().at(-1), 4000);
  link.connected();
  link.stable();
  await waitOnce();
  assert.equal(waits().at(-1), 500);
});

test('listeners are told of each change once, and of nothing after they are removed', t => {
  const {link, told, remove} = startLink(t);
  link.idle();
  link.connected();
  link.connected();
  link.idle();
  link.idle();
  remove();
  link.connected();
  assert.deepEqual(
    told.map(({name}) => name),
    ['connected', 'idle'],
  );
  assert.equal(link.state.name, 'connected');
});
