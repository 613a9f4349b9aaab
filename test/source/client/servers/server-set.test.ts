import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {parseAddress} from '../../../../protocol/address.ts';
import {type ErrorCode, JangadaError} from '../../../../protocol/errors.ts';
import type {Connection} from '../../../../source/client/connection/connection.ts';
import {newsSentence} from '../../../../source/client/servers/server-news.ts';
import {ServerSet, type ServerState} from '../../../../source/client/servers/server-set.ts';

/** A set of `count` servers, with connections that have only an address. */
function setOf(count: number) {
  const idle = new Set<Connection>();
  const reached: string[] = [];
  const reaches: {error: JangadaError | undefined} = {
    error: new JangadaError('unreachable', 'no', {brief: 'it is still away'}),
  };
  const set = new ServerSet(
    ['a', 'b', 'c'].slice(0, count).map(host => parseAddress(`${host}:1`)),
    {
      isIdle: connection => idle.has(connection),
      async reach({address}) {
        reached.push(address.host);
        return reaches.error;
      },
    },
  );
  const news: string[] = [];
  set.onNews(one => news.push(newsSentence(one)));
  const server = (host: string): ServerState => {
    const found = set.all.find(({address}) => address.host === host);
    assert.ok(found !== undefined);
    return found;
  };
  return {
    ...{set, news, reached, reaches, server, idle},
    use(host: string): Connection {
      // The set only compares connections.
      const connection = {address: server(host).address} as Connection;
      set.answered(server(host), connection);
      return connection;
    },
    fail(host: string, code: ErrorCode = 'unreachable') {
      set.failed(server(host), new JangadaError(code, `no ${code}`, {brief: 'it is away'}));
    },
    chosen: (...[choice, tried]: Parameters<ServerSet['choose']>) =>
      set.choose(choice, tried)?.address.host,
  };
}

test('short calls go to the main server, shares of work to the server with the fewest connections in use', t => {
  const {chosen, idle, server, set, use} = setOf(3);
  t.after(() => set.close());
  assert.equal(chosen({}), 'a');
  assert.equal(chosen({isShare: true}), 'a');
  use('a');
  const second = use('b');
  assert.equal(chosen({}), 'a');
  assert.equal(chosen({isShare: true}), 'c');
  server('c').opening++;
  assert.equal(chosen({isShare: true}), 'a');
  idle.add(second);
  assert.equal(chosen({isShare: true}), 'b');
});

test('a server that is gone or unfit is not used while there is another one', t => {
  const {chosen, fail, news, server, set} = setOf(2);
  t.after(() => set.close());
  const [a, b] = set.addresses;
  assert.ok(a !== undefined && b !== undefined);
  assert.equal(chosen({without: new Set([a])}), 'b');
  assert.equal(chosen({without: new Set([a, b])}), 'a');
  fail('a');
  assert.equal(chosen({}), 'b');
  assert.equal(chosen({without: new Set([b])}), 'a', 'it may be back');
  assert.equal(chosen({}, new Set([server('b')])), 'a');
  assert.equal(chosen({}, new Set([server('a'), server('b')])), undefined);
  fail('a');
  assert.deepEqual(news, ['a:1 does not answer (it is away): going on with b:1']);
});

test('a server that refuses is never used again, unless all servers refuse', t => {
  const {chosen, fail, news, set} = setOf(2);
  t.after(() => set.close());
  fail('b', 'unauthorized');
  assert.equal(chosen({isShare: true}), 'a');
  fail('a');
  assert.equal(chosen({}), 'a');
  const [, b] = set.addresses;
  assert.ok(b !== undefined);
  assert.equal(chosen({without: new Set([set.all[0]?.address ?? b])}), 'a');
  fail('a', 'untrusted');
  assert.equal(chosen({}), 'a');
  assert.deepEqual(news, ['b:1 is left out: no unauthorized', 'a:1 is left out: no untrusted']);
});

test('a server without room for more connections gets none until one of them is free', t => {
  const {chosen, fail, idle, news, set, use} = setOf(2);
  t.after(() => set.close());
  use('a');
  use('a');
  const only = use('b');
  assert.equal(chosen({isShare: true}), 'b');
  fail('b', 'busy');
  assert.equal(chosen({isShare: true}), 'a');
  idle.add(only);
  assert.equal(chosen({isShare: true}), 'b');
  assert.deepEqual(news, []);
});

test('calls for the main server go to it while it answers, even if it has no room', t => {
  const {chosen, fail, server, set, use} = setOf(2);
  t.after(() => set.close());
  use('a');
  fail('a', 'busy');
  assert.equal(chosen({}), 'b');
  assert.equal(chosen({ofMain: true}), 'a');
  assert.equal(chosen({ofMain: true}, new Set([server('a')])), undefined);
  fail('a');
  assert.equal(chosen({ofMain: true}), 'b');
});

test('when a server is back, work moves to it until both have the same amount', t => {
  const {fail, news, set, use} = setOf(2);
  t.after(() => set.close());
  fail('b');
  const lanes = [use('a'), use('a'), use('a'), use('a')];
  const moving = () => lanes.map(lane => set.beginsToMove(lane, new Set()));
  assert.deepEqual(moving(), [false, false, false, false]);
  use('b');
  // One connection of the returned server is in use.
  assert.deepEqual(moving(), [true, false, false, false]);
  assert.deepEqual(moving(), [true, false, false, false], 'it is asked again for each block');
  const [, b] = set.addresses;
  assert.ok(b !== undefined);
  set.released(lanes[0] as Connection);
  assert.deepEqual(
    lanes.map(lane => set.beginsToMove(lane, new Set([b]))),
    [false, false, false, false],
  );
  assert.deepEqual(news, [
    'b:1 does not answer (it is away): going on with a:1',
    'b:1 answers again',
  ]);
});

test('a lost connection in use puts its server in doubt: the client tries it at once, and reports it only if that fails', async t => {
  const {chosen, news, reached, server, set, use} = setOf(2);
  t.after(() => set.close());
  const connection = use('a');
  set.lost(server('a'), connection, new JangadaError('connection_lost', 'gone'));
  assert.equal(chosen({}), 'b');
  assert.deepEqual(news, []);
  while (news.length === 0) {
    await new Promise(resolve => setTimeout(resolve, 1));
  }

  assert.deepEqual(reached, ['a']);
  assert.deepEqual(news, ['a:1 does not answer (it is still away): going on with b:1']);
});

test('many calls that fail at once make the pause no longer than one call', t => {
  const {fail, server, set} = setOf(2);
  t.after(() => set.close());
  for (let call = 0; call < 16; call++) {
    fail('b');
  }

  assert.equal(server('b').failures, 1);
});

test('with only one server, nothing is reported, and nothing is tried in the background', async () => {
  const {chosen, fail, news, reached, server, set, use} = setOf(1);
  const connection = use('a');
  set.lost(server('a'), connection, new JangadaError('connection_lost', 'gone'));
  fail('a', 'unauthorized');
  assert.equal(chosen({isShare: true}), 'a');
  assert.equal(set.beginsToMove(connection, new Set()), false);
  await new Promise(resolve => setTimeout(resolve, 20));
  assert.deepEqual([...news, ...reached], []);
});

/** As `setOf`, with pauses that have no jitter and pass only as the test says. */
function timedSetOf(t: TestContext, count: number) {
  t.mock.timers.enable({apis: ['setTimeout']});
  t.mock.method(Math, 'random', () => 0);
  const several = setOf(count);
  t.after(() => several.set.close());
  return {
    ...several,
    async pass(ms: number) {
      t.mock.timers.tick(ms);
      await turn();
    },
  };
}

test('a server that is gone is tried after pauses that grow, until it answers', async t => {
  const {fail, pass, reached, server, use} = timedSetOf(t, 2);
  fail('b');
  await pass(499);
  assert.deepEqual(reached, []);
  for (const ms of [1, 1000, 2000]) {
    await pass(ms - 1);
    await pass(1);
  }

  assert.deepEqual(reached, ['b', 'b', 'b']);
  use('b');
  await pass(600_000);
  assert.equal(reached.length, 3, 'it is there, and not tried any more');
  assert.equal(server('b').trouble, undefined);
  fail('b');
  await pass(500);
  assert.equal(reached.length, 4, 'the pauses begin anew');
});

test('a set that is closed tries no server again', async t => {
  const {fail, pass, reached, set} = timedSetOf(t, 2);
  fail('b');
  set.close();
  fail('a');
  await pass(600_000);
  assert.deepEqual(reached, []);
});

test('what this side did, or lacks, is no trouble of a server', async t => {
  const {news, pass, reached, set, server, use} = timedSetOf(t, 2);
  const noDescriptor = Object.assign(new Error('x'), {code: 'EMFILE'});
  for (const error of [
    new JangadaError('aborted', 'stopped'),
    new JangadaError('local_io', 'full', {cause: noDescriptor}),
    new Error('odd'),
  ]) {
    set.failed(server('a'), error);
  }

  set.lost(server('b'), use('b'), undefined);
  set.lost(server('b'), use('b'), new JangadaError('aborted', 'stopped'));
  await pass(600_000);
  assert.deepEqual([set.there.length, set.connected, news, reached], [2, [], [], []]);
});

test('a busy server with connections is full, and one without is gone for a while', async t => {
  const {chosen, fail, pass, reached, server, use} = timedSetOf(t, 2);
  fail('a', 'busy');
  assert.equal(chosen({}), 'b');
  await pass(500);
  assert.deepEqual(reached, ['a']);
  use('a');
  use('a');
  fail('a', 'busy');
  assert.equal(server('a').most, 2);
  // One more that is accepted shows that there is room again.
  use('a');
  assert.equal(server('a').most, Number.POSITIVE_INFINITY);
  assert.equal(chosen({}), 'a');
});

for (const [what, error] of [
  ['is only full', new JangadaError('busy', 'full')],
  [
    'could not be asked for lack of descriptors',
    new JangadaError('local_io', 'x', {cause: Object.assign(new Error('x'), {code: 'EMFILE'})}),
  ],
] as const) {
  test(`a server in doubt that ${what} is used again`, async t => {
    const {pass, reached, reaches, server, set, use} = timedSetOf(t, 2);
    const [one] = [use('b'), use('b')];
    reaches.error = error;
    set.lost(server('b'), one, new JangadaError('connection_lost', 'x'));
    assert.equal(set.there.length, 1);
    await pass(0);
    assert.deepEqual(reached, ['b']);
    if (error.code === 'busy') {
      assert.equal(server('b').most, 1);
    } else {
      reaches.error = undefined;
      await pass(1000);
      assert.deepEqual(reached, ['b', 'b']);
      use('b');
    }

    assert.equal(set.there.length, 2);
  });
}

test('who keeps connected tries the servers in turn, without those that refuse', async t => {
  const tried: string[] = [];
  let there: string | undefined;
  const set = new ServerSet(
    ['a', 'b', 'c'].map(host => parseAddress(`${host}:1`)),
    {
      isIdle: () => false,
      async reach({address: {host}}) {
        tried.push(host);
        return host === there ? undefined : new JangadaError('unreachable', `no ${host}`);
      },
    },
  );
  t.after(() => set.close());
  const [first] = set.all;
  assert.ok(first !== undefined);
  set.failed(first, new JangadaError('unauthorized', 'no'));
  const failure = await set.reachOne();
  assert.ok(failure instanceof JangadaError);
  assert.deepEqual([failure.message, tried.splice(0)], ['no b', ['b', 'c']]);
  there = 'b';
  assert.equal(await set.reachOne(), undefined);
  assert.deepEqual(tried.splice(0), ['b']);
  there = 'a';
  for (const state of set.all) {
    set.failed(state, new JangadaError('unauthorized', 'no'));
  }

  assert.equal(await set.reachOne(), undefined);
  assert.deepEqual(tried, ['a']);
});

test('a set knows its servers, and which of them there are connections to', t => {
  const {fail, server, set, use} = setOf(3);
  t.after(() => set.close());
  const hosts = (addresses: readonly {host: string}[]) => addresses.map(({host}) => host).join('');
  assert.equal(set.newest, undefined);
  use('c');
  const newest = use('b');
  fail('a');
  assert.deepEqual(
    [hosts(set.addresses), hosts(set.there), hosts(set.connected)],
    ['abc', 'bc', 'bc'],
  );
  assert.equal(set.newest, newest);
  const next = use('b');
  assert.equal(set.newest, next);
  assert.equal(set.at(next.address), server('b'));
  assert.throws(() => set.at(parseAddress('b:1')), {code: 'internal'});
});

test('listeners are told when no other server is left only that one refuses, and nothing once removed', t => {
  const {fail, news, set} = setOf(2);
  t.after(() => set.close());
  fail('a', 'untrusted');
  fail('b');
  assert.deepEqual(news, ['a:1 is left out: no untrusted']);
  const told: string[] = [];
  const remove = set.onNews(({name}) => told.push(name));
  set.tellUnfit(parseAddress('b:1'), 'dir/\u001bx', 'changed', 'it has another version');
  remove();
  set.tellUnfit(parseAddress('b:1'), 'y', 'changed', 'it has another version');
  assert.deepEqual(told, ['unfit']);
  assert.equal(news[1], 'dir/\\x1bx: b:1 is left out for it: it has another version');
});

test('a connection that became free is for shares of all work but that which its server cannot do', t => {
  const {set, use} = setOf(2);
  t.after(() => set.close());
  const [main, other] = [use('a'), use('b')];
  const without = new Set([other.address]);
  assert.deepEqual(
    [
      ...[set.isFor({}, main), set.isFor({}, other)],
      ...[set.isFor({isShare: true}, other), set.isFor({isShare: true, without}, other)],
      ...[set.isFor({isShare: true, without}, main)],
    ],
    [true, false, true, false, true],
  );
});
