import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turns} from 'node:timers/promises';
import {stateAt, stateBytes} from '../../../../../server/store/folder/find/find-messages.ts';
import {ParkedSearches} from '../../../../../server/store/folder/find/parked-searches.ts';
import {SearchCredit} from '../../../../../server/store/folder/find/search-credit.ts';
import {FairQueue} from '../../../../../server/waiting/fair-queue.ts';
import {Turn} from '../../../../../server/waiting/turn.ts';

const {signal} = new AbortController();

class Searches {
  readonly queue = new FairQueue({total: 2, perKey: 1});
  readonly parked = new ParkedSearches();
  readonly ended: string[] = [];

  /** A search that has used up its credit and waits, but has not reported this yet. */
  async start(name: string, peer: string) {
    const turn = new Turn(this.queue, peer, signal);
    await turn.take();
    const state = new Int32Array(new SharedArrayBuffer(stateBytes));
    const search = {peer, end: () => this.ended.push(name)};
    const credit = new SearchCredit({state, turn, parked: this.parked, search});
    assert.ok((state[stateAt.credit] ?? 0) > 0);
    state[stateAt.credit] = 0;
    state[stateAt.waiting] = 1;
    return {credit, state, turn};
  }
}

test('a search that waits for its client has no turn, and gets credit only together with a turn', async () => {
  const searches = new Searches();
  const {credit, state, turn} = await searches.start('first', 'a');
  credit.threadWaits();
  assert.equal(turn.held, false);
  const other = await searches.start('other', 'a');
  credit.taken();
  credit.taken();
  await turns();
  assert.equal(state[stateAt.credit], 0, 'the other one has the turn');
  other.turn.give();
  await turns();
  assert.equal(turn.held, true);
  assert.equal(state[stateAt.credit], 2, 'for both frames that were taken');
  credit.taken();
  assert.equal(state[stateAt.credit], 3, 'and then for one more');
});

test('a search that got credit while it reported that it waits keeps its turn', async () => {
  const {credit, state, turn} = await new Searches().start('first', 'a');
  credit.taken();
  assert.equal(state[stateAt.credit], 1);
  credit.threadWaits();
  assert.equal(turn.held, true);
});

test('a search that works again when its report arrives keeps its turn', async () => {
  const {credit, state, turn} = await new Searches().start('first', 'a');
  credit.taken();
  // The thread has used up this credit, too, and already looks for the next frame.
  state[stateAt.credit] = 0;
  state[stateAt.waiting] = 0;
  credit.threadWaits();
  assert.equal(turn.held, true);
  state[stateAt.waiting] = 1;
  credit.threadWaits();
  assert.equal(turn.held, false);
});

test('a search whose call hangs takes no turn until the call returns, even if its client reads', async () => {
  const searches = new Searches();
  const {credit, state, turn} = await searches.start('first', 'a');
  state[stateAt.waiting] = 0;
  credit.threadHangs();
  credit.taken();
  await turns();
  assert.equal(turn.held, false);
  const other = await searches.start('other', 'a');
  credit.threadGoesOn();
  other.turn.give();
  await turns();
  assert.deepEqual([turn.held, state[stateAt.credit]], [true, 1]);
});

test('a search that continues without credit keeps its turn while it looks for the next frame', async () => {
  const {credit, state, turn} = await new Searches().start('first', 'a');
  state[stateAt.waiting] = 0;
  credit.threadHangs();
  credit.threadGoesOn();
  await turns();
  assert.equal(turn.held, true);
});

test('if too many searches wait, the address with the most of them loses the one that waits for longest', async () => {
  const searches = new Searches();
  const park = async (name: string, peer: string) => {
    const search = await searches.start(name, peer);
    search.credit.threadWaits();
    return search;
  };
  await park('b1', 'b');
  const a1 = await park('a1', 'a');
  for (const name of ['a2', 'a3', 'a4', 'a5']) {
    await park(name, 'a');
  }

  await park('b2', 'b');
  const c1 = await park('c1', 'c');
  assert.deepEqual(searches.ended, [], 'eight may wait');
  // The client of `a1` has read more.
  a1.credit.taken();
  await turns();
  a1.turn.give();
  await park('a6', 'a');
  assert.deepEqual(searches.ended, []);
  c1.credit[Symbol.dispose]();
  await park('b3', 'b');
  assert.deepEqual(searches.ended, []);
  await park('c2', 'c');
  assert.deepEqual(searches.ended, ['a2']);
});
