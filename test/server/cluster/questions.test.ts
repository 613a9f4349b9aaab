/** The questions of a serving process, and the answers of its keeper. */
import assert from 'node:assert/strict';
import {getEventListeners} from 'node:events';
import {PassThrough} from 'node:stream';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import type {ToServing} from '../../../server/cluster/messages.ts';
import {
  type Kept,
  type RemoteNewcomer,
  ServingProcess,
} from '../../../server/cluster/serving-process.ts';
import {noCounts} from '../../../server/metrics/counts.ts';
import {ownLongWork} from '../../../server/waiting/long-work.ts';
import {fakeChildren} from '../../fixtures/server/fake-children.ts';

/** A serving process that the test plays, and what the keeper does for it. */
function startProcess(t: TestContext) {
  const children = fakeChildren(t);
  const asked: RemoteNewcomer[] = [];
  const left: RemoteNewcomer[] = [];
  const others: ToServing[] = [];
  const flows: Array<{bytes: number; flow: () => void}> = [];
  const counts = noCounts();
  const longWork = ownLongWork();
  // The keeper calls these functions of its places and of its limiter.
  const kept = {
    places: {
      ask: (newcomer: RemoteNewcomer) => asked.push(newcomer),
      left: (newcomer: RemoteNewcomer) => left.push(newcomer),
    },
    limiter: {
      take: (bytes: number) => new Promise<void>(flow => flows.push({bytes, flow})),
    },
    longWork,
    counts,
    tellOthers: (from: ServingProcess, message: ToServing) => {
      assert.equal(from, serving);
      others.push(message);
    },
  } as unknown as Kept;
  const serving: ServingProcess = new ServingProcess(
    {
      ...{process: 3, processes: 4, most: 64, mostPerAddress: 32},
      ...{root: '/', door: {}, isLocal: true, logLevel: 'silent'},
    },
    kept,
  );
  const [child] = children;
  assert.ok(child);
  return {asked, child, counts, flows, left, longWork, others, serving};
}

test('a process serves once it says so, and its failure has its code and its reason', async t => {
  const one = startProcess(t);
  assert.equal(one.serving.number, 3);
  one.child.tell({tell: 'serving'});
  await one.serving.serving;
  const other = startProcess(t);
  other.child.tell({tell: 'failed', code: 'forbidden', message: 'no way in'});
  await assert.rejects(other.serving.serving, {code: 'forbidden', message: 'no way in'});
  const third = startProcess(t);
  third.child.end(null, 'SIGKILL');
  assert.deepEqual(await third.serving.ended, {status: null, signal: 'SIGKILL'});
  await assert.rejects(third.serving.serving, {
    code: 'internal',
    message: /ended while it started/,
  });
});

test('each newcomer of a process is told what was decided about it, and leaves once', t => {
  const {asked, child, left} = startProcess(t);
  child.tell({tell: 'newcomer', place: 7, address: '10.0.0.1'});
  child.tell({tell: 'newcomer', place: 8, address: '10.0.0.2'});
  assert.deepEqual(
    asked.map(({address}) => address),
    ['10.0.0.1', '10.0.0.2'],
  );
  const [first, second] = asked;
  first?.admit();
  first?.makeWay();
  second?.refuse('full');
  assert.deepEqual(child.told, [
    {do: 'admit', place: 7},
    {do: 'makeWay', place: 7},
    {do: 'refuse', place: 8, why: 'full'},
  ]);
  child.tell({tell: 'left', place: 8});
  child.tell({tell: 'left', place: 8});
  assert.deepEqual(left, [second]);
});

test('the connection that should give way is the one that the process names, as long idle as it says', async t => {
  let nowMs = 5000;
  t.mock.method(performance, 'now', () => nowMs);
  const {asked, child, serving} = startProcess(t);
  child.tell({tell: 'newcomer', place: 7, address: '10.0.0.1'});
  const ofAll = serving.longestIdle(undefined);
  const ofOne = serving.longestIdle('10.0.0.1');
  const none = serving.longestIdle('10.0.0.2');
  const gone = serving.longestIdle('10.0.0.3');
  assert.deepEqual(child.told, [
    {do: 'longestIdle', question: 1},
    {do: 'longestIdle', question: 2, address: '10.0.0.1'},
    {do: 'longestIdle', question: 3, address: '10.0.0.2'},
    {do: 'longestIdle', question: 4, address: '10.0.0.3'},
  ]);
  nowMs = 6000;
  // Not in the order of the questions.
  const longest = {place: 7, idleMs: 250, owesLogin: true};
  child.tell({tell: 'longestIdle', question: 3});
  child.tell({tell: 'longestIdle', question: 2, longest});
  child.tell({tell: 'longestIdle', question: 4, longest: {...longest, place: 9}});
  child.tell({tell: 'longestIdle', question: 1, longest: {...longest, owesLogin: false}});
  assert.deepEqual(await ofOne, {since: 5750, owesLogin: true, holder: asked[0]});
  assert.deepEqual(await ofAll, {since: 5750, owesLogin: false, holder: asked[0]});
  assert.equal(await none, undefined);
  assert.equal(await gone, undefined);
});

test('a process that does not answer for a second counts as busy, and so does one that has ended', async t => {
  const {timers} = t.mock;
  timers.enable({apis: ['setTimeout']});
  const {child, serving} = startProcess(t);
  let answers = 0;
  const silent = serving.longestIdle(undefined).then(longest => {
    answers++;
    return longest;
  });
  timers.tick(999);
  await turn();
  assert.equal(answers, 0);
  timers.tick(1);
  assert.equal(await silent, undefined);
  const ended = serving.longestIdle(undefined);
  child.end();
  assert.equal(await ended, undefined);
});

test('a process sends bytes when the limit of all processes lets it', async t => {
  const {child, flows} = startProcess(t);
  child.tell({tell: 'bytes', bytes: 70_000});
  await turn();
  assert.deepEqual(child.told, []);
  assert.equal(flows[0]?.bytes, 70_000);
  flows[0]?.flow();
  await turn();
  assert.deepEqual(child.told, [{do: 'flow'}]);
});

test('the turns of a process are those of its clients, and free for others once it leaves or ends', async t => {
  const {child, longWork} = startProcess(t);
  const enter = (turn: number, of: 'searches' | 'hashJobs') =>
    child.tell({tell: 'enter', turn, of, key: 'a'});
  // An address has two turns of each kind.
  for (const number of [1, 2, 3, 4]) {
    enter(number, 'hashJobs');
  }

  enter(5, 'searches');
  await turn();
  const turns = () => child.told.map(message => message.do === 'turn' && message.turn);
  assert.deepEqual(turns(), [1, 2, 5]);
  // The third gives up, so the first makes way for the fourth.
  child.tell({tell: 'leave', turn: 3});
  child.tell({tell: 'leave', turn: 1});
  await turn();
  assert.deepEqual(turns(), [1, 2, 5, 4]);
  child.tell({tell: 'leave', turn: 1});
  enter(6, 'hashJobs');
  await turn();
  assert.deepEqual(turns(), [1, 2, 5, 4], 'a turn that is given back twice frees one');
  const signal = new AbortController().signal;
  let others = 0;
  const other = () => longWork.hashJobs.enter('a', signal).then(() => others++);
  const waiting = [other(), other()];
  await turn();
  assert.equal(others, 0);
  child.end();
  await Promise.all(waiting);
  assert.equal(others, 2);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('a turn that comes when nobody waits for it any more goes on to the next one', async t => {
  const {child, longWork} = startProcess(t);
  child.tell({tell: 'enter', turn: 1, of: 'searches', key: 'a'});
  // It has the turn already, and is told of it in a moment.
  child.tell({tell: 'leave', turn: 1});
  await turn();
  assert.deepEqual(child.told, []);
  const {signal} = new AbortController();
  await Promise.all([longWork.searches.enter('a', signal), longWork.searches.enter('a', signal)]);
});

test('wrong proofs at one process are told to the others', t => {
  const {child, others} = startProcess(t);
  child.tell({tell: 'wrongProof', address: '10.0.0.1'});
  assert.deepEqual(others, [{do: 'countWrongProof', address: '10.0.0.1'}]);
});

test('a process adds to the counts what is new since it last told them, and its connections end with it', async t => {
  const {asked, child, counts, left, serving} = startProcess(t);
  child.tell({tell: 'newcomer', place: 1, address: '10.0.0.1'});
  const now = {...noCounts(), connections: 5, openConnections: 3, sentBytes: 100};
  child.tell({tell: 'counts', counts: now});
  child.tell({tell: 'counts', counts: {...now, connections: 6, openConnections: 2}});
  assert.deepEqual([counts.connections, counts.openConnections, counts.sentBytes], [6, 2, 100]);
  child.end();
  await serving.ended;
  await turn();
  assert.deepEqual([counts.connections, counts.openConnections, counts.sentBytes], [6, 0, 100]);
  assert.deepEqual(left, asked);
});

test('a connection counts until its process says that it is closed, and ends with a process that never got it', async t => {
  const {child, serving} = startProcess(t);
  const sockets = [new PassThrough(), new PassThrough(), new PassThrough()];
  for (const socket of sockets) {
    // The keeper passes it on, and may destroy it.
    serving.serve(socket as never);
  }

  assert.equal(serving.connections, 3);
  child.passed[0]?.arrived(null);
  child.tell({tell: 'closed'});
  assert.equal(serving.connections, 2);
  child.passed[1]?.arrived(new Error('EPIPE'));
  assert.equal(serving.connections, 1);
  assert.deepEqual(
    sockets.map(({destroyed}) => destroyed),
    [false, true, false],
  );
  child.end();
  await serving.ended;
  await turn();
  assert.deepEqual(
    sockets.map(({destroyed}) => destroyed),
    [false, true, true],
  );
});

test('a process that does not stop is killed, but only after it had time for all that it may have to end', async t => {
  const {timers} = t.mock;
  timers.enable({apis: ['setTimeout']});
  const {child, serving} = startProcess(t);
  const stopped = serving.stop(3000);
  assert.deepEqual(child.told, [{do: 'stop', graceMs: 3000}]);
  timers.tick(12_499);
  assert.deepEqual(child.kills, []);
  timers.tick(1);
  assert.deepEqual(child.kills, ['SIGKILL']);
  child.end(null, 'SIGKILL');
  await stopped;
  const other = startProcess(t);
  const ended = other.serving.stop(0);
  other.child.end(0);
  await ended;
  timers.tick(60_000);
  assert.deepEqual(other.child.kills, [], 'one that has ended is not killed');
  // It can be told nothing any more.
  other.serving.tell({do: 'reload'});
  assert.deepEqual(other.child.told, [{do: 'stop', graceMs: 0}]);
});
