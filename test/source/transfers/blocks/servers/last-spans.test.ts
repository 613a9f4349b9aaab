import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {parseAddress} from '../../../../../protocol/address.ts';
import type {Connection} from '../../../../../source/client/connection/connection.ts';
import {Pace} from '../../../../../source/transfers/blocks/pace.ts';
import {LastSpans} from '../../../../../source/transfers/blocks/servers/last-spans.ts';

/** A lane over a connection that is only an address, with a clock of its own. */
function lane(host: string) {
  const connection = {address: parseAddress(`${host}:1`)} as Connection;
  let nowMs = 0;
  const pace = new Pace(undefined, () => nowMs);
  return {
    ...{connection, pace},
    fetch(bytes: number, milliseconds: number) {
      pace.asked(bytes);
      nowMs += milliseconds;
      pace.came(bytes);
    },
  };
}

for (const {what, fetched, after, overtaken} of [
  {what: 'one that has fetched nothing hurries no other', after: 3_600_000, overtaken: 0},
  {what: 'one waits twice as long as it would need', fetched: 1000, after: 8900, overtaken: 0},
  {what: 'one overtakes the others after that', fetched: 1000, after: 9100, overtaken: 1},
  {what: 'one too fast to measure waits a second', fetched: 0.01, after: 1001, overtaken: 1},
]) {
  test(`of lanes without further blocks to request, ${what}`, async t => {
    t.mock.timers.enable({apis: ['setTimeout']});
    const closed: Connection[] = [];
    using spans = new LastSpans(connection => closed.push(connection));
    const ending = lane('a');
    if (fetched !== undefined) {
      ending.fetch(1000, fetched);
    }

    const slow = lane('b');
    using _slow = spans.lane(slow.connection, slow.pace);
    slow.pace.asked(4000);
    spans.over(ending.connection, ending.pace);
    t.mock.timers.tick(after);
    await turn();
    assert.equal(closed.length, overtaken);
  });
}

/** A lane that has received 1,000 bytes in a second, and has no more to do. */
function endingLane() {
  const ending = lane('a');
  ending.fetch(1000, 1000);
  return ending;
}

test('a lane with nothing left to fetch is not overtaken', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const closed: Connection[] = [];
  using spans = new LastSpans(connection => closed.push(connection));
  const ending = endingLane();
  const [slow, idle] = [lane('b'), lane('c')];
  using _slow = spans.lane(slow.connection, slow.pace);
  using _idle = spans.lane(idle.connection, idle.pace);
  slow.pace.asked(4000);
  spans.over(ending.connection, ending.pace);
  t.mock.timers.tick(9100);
  await turn();
  assert.deepEqual(closed, [slow.connection]);
});

test('a lane whose blocks are read as soon as the time is over is not overtaken', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const closed: Connection[] = [];
  using spans = new LastSpans(connection => closed.push(connection));
  const ending = endingLane();
  const [slow, unread] = [lane('b'), lane('c')];
  using _slow = spans.lane(slow.connection, slow.pace);
  using _unread = spans.lane(unread.connection, unread.pace);
  for (const {pace} of [slow, unread]) {
    pace.asked(2000);
  }

  spans.over(ending.connection, ending.pace);
  t.mock.timers.tick(9100);
  unread.pace.came(2000);
  await turn();
  assert.deepEqual(closed, [slow.connection]);
});

test('neither a lane that has ended meanwhile nor one to the same server is overtaken', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const closed: Connection[] = [];
  using spans = new LastSpans(connection => closed.push(connection));
  const ending = endingLane();
  const [slow, ended] = [lane('b'), lane('c')];
  const {address} = ending.connection;
  const beside = {connection: {address} as Connection, pace: lane('a').pace};
  using _slow = spans.lane(slow.connection, slow.pace);
  using _beside = spans.lane(beside.connection, beside.pace);
  const registered = spans.lane(ended.connection, ended.pace);
  for (const {pace} of [slow, ended, beside]) {
    pace.asked(4000);
  }

  spans.over(ending.connection, ending.pace);
  registered[Symbol.dispose]();
  t.mock.timers.tick(60_000);
  await turn();
  assert.deepEqual(closed, [slow.connection]);
});

test('the others are overtaken once, and not after the file has ended', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  for (const isOver of [false, true]) {
    const closed: Connection[] = [];
    const spans = new LastSpans(connection => closed.push(connection));
    const ending = endingLane();
    const slow = lane('b');
    using _slow = spans.lane(slow.connection, slow.pace);
    slow.pace.asked(4000);
    spans.over(ending.connection, ending.pace);
    spans.over(ending.connection, ending.pace);
    if (isOver) {
      spans[Symbol.dispose]();
    }

    t.mock.timers.tick(60_000);
    await turn();
    assert.equal(closed.length, isOver ? 0 : 1);
  }
});

test('nothing is overtaken if the file ends as soon as the time is over', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const closed: Connection[] = [];
  {
    using spans = new LastSpans(connection => closed.push(connection));
    const ending = endingLane();
    const slow = lane('b');
    using _slow = spans.lane(slow.connection, slow.pace);
    slow.pace.asked(4000);
    spans.over(ending.connection, ending.pace);
    t.mock.timers.tick(9100);
  }

  await turn();
  assert.deepEqual(closed, []);
});

test('a lane waits for the others again after it has overtaken some', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const closed: Connection[] = [];
  using spans = new LastSpans(connection => closed.push(connection));
  const ending = endingLane();
  const slow = lane('b');
  using _slow = spans.lane(slow.connection, slow.pace);
  slow.pace.asked(4000);
  for (const count of [1, 2]) {
    spans.over(ending.connection, ending.pace);
    t.mock.timers.tick(60_000);
    await turn();
    assert.equal(closed.length, count);
  }
});
