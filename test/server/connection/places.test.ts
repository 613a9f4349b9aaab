import assert from 'node:assert/strict';
import process from 'node:process';
import {test} from 'node:test';
import {setTimeout as delay, setImmediate as turn} from 'node:timers/promises';
import {pino} from 'pino';
import {
  type Idle,
  type IdleHolder,
  longestIdle,
  type Newcomer,
  Places,
} from '../../../server/connection/places.ts';
import {patternedBytes, ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {json, kinds, RawPeer} from '../../fixtures/server/server-raw-peer.ts';

/** The limit for a test that hangs. */
const timeout = 60_000;
const skip = process.platform === 'linux' ? false : 'there is one loopback address elsewhere';
/** The longest time that a newcomer waits, in these tests. */
const deadlines = {giveWayMs: 200, lingerMs: 100};
/** Processes may differ by less in what they say about how long a connection has been idle. */
const clearMs = 1000;
const mebibyte = 1_048_576;

async function peersFrom(folder: ServedFolder, localAddress: string, count: number) {
  const peers: RawPeer[] = [];
  for (let index = 0; index < count; index++) {
    peers.push(await RawPeer.greeted({...folder.server, localAddress}));
  }

  return peers;
}

async function isAlive(peer: RawPeer): Promise<boolean> {
  return (await peer.ask(kinds.ping, {})).at(-1)?.kind === kinds.pong;
}

function destroyAll(...peers: RawPeer[]): void {
  for (const {socket} of peers) {
    socket.destroy();
  }
}

for (const processes of [1, 2]) {
  const of = processes === 1 ? 'one process' : `${processes} processes`;
  test(`two addresses with 32 idle connections each do not lock out others: ${of}`, {
    timeout,
    skip,
  }, async () => {
    await using folder = await ServedFolder.start({a: 'x'}, {processes, deadlines});
    const first = await peersFrom(folder, '127.0.0.2', 1);
    await delay(clearMs);
    first.push(...(await peersFrom(folder, '127.0.0.2', 31)));
    const second = await peersFrom(folder, '127.0.0.3', 32);
    const [third] = await peersFrom(folder, '127.0.0.4', 1);
    assert.equal((await third?.ask(kinds.stat, {path: 'a'}))?.at(-1)?.kind, kinds.entry);
    // Only the connection that had been idle for longest has gone, and it got the reason.
    const [longest] = first;
    const goodBye = (await longest?.frame()) ?? assert.fail();
    assert.equal(json(goodBye).code, 'timed_out');
    await longest?.end();
    assert.equal([...first, ...second].filter(({closed}) => closed).length, 1);
    assert.ok(await isAlive(first[1] ?? assert.fail()));
    destroyAll(...first, ...second);
  });

  test(`a ping does not count as work, an answer does: a connection that only pings gives way: ${of}`, {
    timeout,
  }, async () => {
    const options = {processes, maxConnections: 3, deadlines};
    await using folder = await ServedFolder.start(
      {a: 'x', old: patternedBytes(32 * mebibyte)},
      options,
    );
    const reads = await folder.peer();
    const pings = await folder.peer();
    await delay(clearMs);
    const asks = await folder.peer();
    reads.request(kinds.get, {path: 'old'});
    await reads.pauseAfter(mebibyte);
    await asks.ask(kinds.stat, {path: 'a'});
    assert.ok(await isAlive(pings));
    await folder.peer();
    assert.equal(await pings.errorCode(), 'timed_out');
    await pings.end();
    // Now the connection with the request was without work for longest. The slow reader is still at work.
    await folder.peer();
    assert.equal(await asks.errorCode(), 'timed_out');
    reads.socket.resume();
    assert.equal((await reads.answer()).at(-1)?.kind, kinds.end);
  });

  test(`the places of one address become free in the same way: ${of}`, {
    timeout,
    skip,
  }, async () => {
    const options = {processes, maxConnectionsPerAddress: 2, deadlines};
    await using folder = await ServedFolder.start({}, options);
    const [other] = await peersFrom(folder, '127.0.0.2', 1);
    const [first] = await peersFrom(folder, '127.0.0.1', 1);
    await delay(clearMs);
    const [second] = await peersFrom(folder, '127.0.0.1', 1);
    const [third] = await peersFrom(folder, '127.0.0.1', 1);
    assert.equal(await first?.errorCode(), 'timed_out');
    for (const peer of [other, second, third]) {
      assert.ok(peer && (await isAlive(peer)));
    }

    destroyAll(...[other, second, third].filter(peer => peer !== undefined));
  });

  test(`a waiting newcomer gets a free place before its deadline: ${of}`, {
    timeout,
  }, async () => {
    const options = {processes, maxConnections: 1, deadlines: {...deadlines, giveWayMs: 3_600_000}};
    await using folder = await ServedFolder.start({}, options);
    const first = await folder.peer();
    const waiting = folder.peer();
    await delay(50);
    first.socket.destroy();
    assert.ok(await isAlive(await waiting));
  });
}

test('a connection that has worked a moment ago does not give way, with one process and with two', {
  timeout,
}, async () => {
  const check = async (processes: number) => {
    // Longer than a busy machine lets the working connection wait. Both checks last so long, at the same time.
    const options = {processes, maxConnections: 1, deadlines: {...deadlines, giveWayMs: 8000}};
    await using folder = await ServedFolder.start({a: 'x'}, options);
    const working = await folder.peer();
    const newcomer = await folder.knockingPeer();
    let refused = false;
    const told = newcomer.errorCode().finally(() => {
      refused = true;
    });
    while (!refused) {
      assert.equal((await working.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
      await delay(20);
    }

    assert.equal(await told, 'busy');
  };
  await Promise.all([1, 2].map(check));
});

test('each connection that gives way gets a message, however many have given way before', {
  timeout,
}, async () => {
  const options = {maxConnections: 1, deadlines: {giveWayMs: 0, lingerMs: 1}};
  await using folder = await ServedFolder.start({}, options);
  let holder = await folder.peer();
  for (let round = 0; round < 140; round++) {
    const newcomer = await folder.peer();
    assert.equal(await holder.errorCode(), 'timed_out', `round ${round}`);
    await holder.end();
    holder = newcomer;
  }
});

test('a newcomer that leaves while it waits takes no place', {timeout}, async () => {
  const options = {maxConnections: 1, deadlines: {...deadlines, giveWayMs: 3_600_000}};
  await using folder = await ServedFolder.start({}, options);
  // Both ends of each connection are in this process.
  const sockets = () =>
    process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length;
  const first = await folder.peer();
  const before = sockets();
  const leaves = await folder.knockingPeer();
  await until(() => sockets() === before + 2, 'the newcomer waits');
  leaves.socket.destroy();
  await until(() => sockets() === before, 'it has left');
  first.socket.destroy();
  await until(() => folder.ended === 1, 'the first has left');
  assert.ok(await isAlive(await folder.peer()));
});

test('a server that stops closes newcomers that wait', {timeout}, async () => {
  const options = {maxConnections: 1, deadlines: {...deadlines, giveWayMs: 3_600_000}};
  await using folder = await ServedFolder.start({}, options);
  await folder.peer();
  const waiting = await folder.knockingPeer();
  await delay(50);
  await folder.server.close({graceMs: 60_000});
  await waiting.end();
});

test('the log counts refused connections, and a flood of them takes only a few lines', {
  timeout,
}, async () => {
  const options = {maxConnections: 1, deadlines};
  await using folder = await ServedFolder.start({old: patternedBytes(32 * mebibyte)}, options);
  const working = await folder.peer();
  working.request(kinds.get, {path: 'old'});
  await working.pauseAfter(mebibyte);
  const flood = await Promise.all(Array.from({length: 300}, () => folder.knockingPeer()));
  await Promise.all(flood.map(peer => peer.end()));
  working.socket.destroy();
  await until(() => folder.ended === 1, 'the connection has ended');
  await folder.server.close();
  const counts = folder.logs
    .filter(line => line.includes('refused connections'))
    .map(line => JSON.parse(line) as {level: number; refused: number});
  assert.ok(counts.every(({level}) => level === 40));
  assert.equal(counts[0]?.refused, 1, 'the first one at once');
  assert.ok(counts.length <= 4, `${counts.length} lines`);
  assert.equal(
    counts.reduce((sum, {refused}) => sum + refused, 0),
    300,
  );
});

type Holder = Newcomer & {idle: Idle | undefined};

/** A newcomer that records its calls in `events`. */
function newcomer(name: string, events: string[], idle?: Idle): Holder {
  return {
    address: '127.0.0.1',
    idle,
    admit: () => events.push(`${name} admitted`),
    refuse: () => events.push(`${name} refused`),
    makeWay: () => events.push(`${name} makes way`),
  };
}

const quiet = pino({level: 'silent'});
const owesNothing = (since: number) => ({since, owesLogin: false});

test('only as many newcomers wait as there are descriptors for; the next one is refused', t => {
  const events: string[] = [];
  const options = {maxConnections: 1, giveWayMs: 3_600_000, longestIdle};
  const places = new Places<Holder>(options, quiet, 1);
  places.ask(newcomer('holder', events, owesNothing(performance.now())));
  const waits = newcomer('first', events);
  t.after(() => places.left(waits));
  places.ask(waits);
  places.ask(newcomer('second', events));
  assert.deepEqual(events, ['holder admitted', 'second refused']);
});

test('the newcomer that waits for longest gets the first free place', t => {
  const events: string[] = [];
  let looks = 0;
  const places = new Places<Holder>(
    {
      maxConnections: 1,
      giveWayMs: 3_600_000,
      longestIdle(holders) {
        looks++;
        return longestIdle(holders);
      },
    },
    quiet,
  );
  const holder = newcomer('holder', events, owesNothing(performance.now()));
  places.ask(holder);
  const [first, second] = [newcomer('first', events), newcomer('second', events)];
  t.after(() => places.left(second));
  places.ask(first);
  places.ask(second);
  assert.equal(looks, 2);
  places.left(holder);
  assert.deepEqual(events, ['holder admitted', 'first admitted']);
});

test('two newcomers at once do not get the same place, even if finding the idle connection takes a while', async () => {
  const events: string[] = [];
  const options = {
    maxConnections: 2,
    giveWayMs: 0,
    longestIdle: async (holders: readonly Holder[]) => longestIdle(holders),
  };
  const places = new Places<Holder>(options, quiet);
  places.ask(newcomer('old', events, owesNothing(0)));
  places.ask(newcomer('busy', events));
  const [first, second] = [newcomer('first', events), newcomer('second', events)];
  places.ask(first);
  places.ask(second);
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(resolve => setImmediate(resolve));
  }

  assert.deepEqual(events.slice(2), ['old makes way', 'first admitted', 'second refused']);
});

test('a connection that has not sent its proof gives way before all others', () => {
  const idles = [
    owesNothing(1),
    {since: 3, owesLogin: true},
    undefined,
    {since: 2, owesLogin: true},
  ];
  const holders = idles.map((idle, at) => newcomer(`${at}`, [], idle));
  assert.equal(longestIdle(holders)?.holder, holders[3]);
  assert.equal(longestIdle(holders.slice(0, 1))?.holder, holders[0]);
  assert.equal(longestIdle(holders.slice(2, 3)), undefined);
});

/** Places where it takes a while to know who is idle: the answer comes when the test gives it. */
function slowPlaces(
  limits: {maxConnections: number; maxConnectionsPerAddress?: number},
  most = 128,
) {
  const answers: Array<(longest: IdleHolder<Holder> | undefined) => void> = [];
  const addresses: Array<string | undefined> = [];
  const places = new Places<Holder>(
    {
      ...limits,
      giveWayMs: 3_600_000,
      longestIdle(_, address) {
        addresses.push(address);
        return new Promise(resolve => answers.push(resolve));
      },
    },
    quiet,
    most,
  );
  return {addresses, answers, places};
}

test('a newcomer that leaves while it is asked who is idle gets nothing, and no place', async () => {
  const events: string[] = [];
  const {answers, places} = slowPlaces({maxConnections: 1});
  const holder = newcomer('holder', events);
  places.ask(holder);
  const leaves = newcomer('leaves', events);
  places.ask(leaves);
  places.left(leaves);
  answers[0]?.({holder, since: Number.NEGATIVE_INFINITY, owesLogin: false});
  await turn();
  assert.deepEqual(events, ['holder admitted']);
});

test('a place that becomes free while it is asked who is idle is taken once', async () => {
  const events: string[] = [];
  const {answers, places} = slowPlaces({maxConnections: 1});
  const holder = newcomer('holder', events);
  places.ask(holder);
  places.ask(newcomer('waits', events));
  places.left(holder);
  assert.deepEqual(events, ['holder admitted', 'waits admitted']);
  answers[0]?.({holder, since: Number.NEGATIVE_INFINITY, owesLogin: false});
  await turn();
  assert.deepEqual(events, ['holder admitted', 'waits admitted']);
});

test('no more newcomers wait than may, where it takes a while to know who is idle, too', async () => {
  const events: string[] = [];
  const {addresses, answers, places} = slowPlaces({maxConnections: 1}, 1);
  places.ask(newcomer('holder', events));
  places.ask(newcomer('waits', events));
  places.ask(newcomer('beyond', events));
  assert.deepEqual(events, ['holder admitted', 'beyond refused']);
  answers[0]?.(undefined);
  await turn();
  assert.deepEqual(events.slice(2), ['waits refused']);
  assert.deepEqual(addresses, [undefined, undefined]);
});

test('a free place is for the first that may have it, not for one whose address has all of its own', t => {
  const events: string[] = [];
  const {addresses, places} = slowPlaces({maxConnections: 2, maxConnectionsPerAddress: 1});
  const at = (name: string, address: string) => ({...newcomer(name, events), address});
  places.ask(at('first', 'a'));
  const second = at('second', 'b');
  places.ask(second);
  const waiting = [at('of a', 'a'), at('of c', 'c')];
  t.after(() => waiting.map(one => places.left(one)));
  for (const one of waiting) {
    places.ask(one);
  }

  assert.deepEqual(addresses, ['a', undefined]);
  places.left(second);
  assert.deepEqual(events, ['first admitted', 'second admitted', 'of c admitted']);
});

test('a newcomer that finds no place is told which limit it is', () => {
  const told: string[] = [];
  const places = new Places<Holder>(
    {maxConnections: 2, maxConnectionsPerAddress: 1, giveWayMs: 0, longestIdle},
    quiet,
  );
  const at = (address: string) => ({
    ...newcomer('one', []),
    address,
    refuse: (why: string) => told.push(why),
  });
  for (const address of ['a', 'b', 'a', 'c']) {
    places.ask(at(address));
  }

  assert.deepEqual(told, [
    'Your address has 1 connections, which is the limit',
    'The server has 2 connections, which is its limit',
  ]);
  assert.deepEqual([places.most, places.mostPerAddress], [2, 1]);
});
