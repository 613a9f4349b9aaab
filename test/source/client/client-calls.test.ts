/** What each call of a client asks for, and what it does over ssh. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseAddress} from '../../../protocol/address.ts';
import {frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {rootPath} from '../../../protocol/remote-path.ts';
import {Client} from '../../../source/client/client.ts';
import {Ssh} from '../../../source/client/connection/ways/ssh/ssh.ts';
import {newsSentence} from '../../../source/client/servers/server-news.ts';
import {path} from '../../fixtures/harness.ts';
import {type HostileRequest, startHostileServer} from '../../fixtures/server/hostile-server.ts';

const entry = {name: 'a', type: 'file', size: 1, mtimeMs: 0, version: 'v'} as const;
const hashed = {digest: 'ab'.repeat(32), length: 1, size: 1, version: 'v'};
const answers: Partial<Record<number, Buffer>> = {
  [frameKinds.stat]: encodeAnswer('entry', entry),
  [frameKinds.hash]: encodeAnswer('hashed', hashed),
  [frameKinds.ping]: encodeAnswer('pong', {}),
};
const end = encodeAnswer('end', {size: 1, version: 'v'});

const calls: ReadonlyArray<
  [what: string, call: (client: Client) => Promise<unknown>, kind: number, body: object]
> = [
  ['stat', client => client.stat(path('a')), frameKinds.stat, {path: 'a'}],
  ['ping', client => client.ping(), frameKinds.ping, {}],
  [
    'hash of a whole file',
    client => client.hash(path('a')),
    frameKinds.hash,
    {path: 'a', algorithm: 'sha256'},
  ],
  [
    'hash of the first bytes',
    client => client.hash(path('a'), {length: 0, algorithm: 'sha1'}),
    frameKinds.hash,
    {path: 'a', algorithm: 'sha1', length: 0},
  ],
  ['all digests', client => client.digests(path('a')), frameKinds.digestsRequest, {path: 'a'}],
  [
    'some digests',
    client => client.digests(path('a'), {from: 2, to: 3, algorithm: 'blake3', version: 'v'}),
    frameKinds.digestsRequest,
    {path: 'a', from: 2, to: 3, algorithm: 'blake3', version: 'v'},
  ],
  ['list', client => Array.fromAsync(client.list(path('a/b'))), frameKinds.list, {path: 'a/b'}],
  [
    'find',
    client => Array.fromAsync(client.find(['*', '!b'])),
    frameKinds.find,
    {masks: ['*', '!b'], path: ''},
  ],
  [
    'find with folders',
    client => Array.fromAsync(client.find(['*'], {path: path('a'), folders: true})),
    frameKinds.find,
    {masks: ['*'], path: 'a', folders: true},
  ],
];

for (const [what, call, kind, body] of calls) {
  test(`a call asks for what it was given, and no more: ${what}`, async t => {
    const requests: HostileRequest[] = [];
    const address = await startHostileServer(
      t,
      (socket, request) => {
        requests.push(request);
        socket.write(answers[request.kind] ?? end);
      },
      ['find-folders'],
    );
    await using client = new Client(address);
    await call(client);
    assert.deepEqual(requests, [{kind, body}]);
  });
}

for (const folders of [false, true]) {
  test(`places that could not be searched are told at the end${folders ? ', with folders too' : ''}`, async t => {
    const unsearched = {count: 2, first: [{name: 'x', code: 'forbidden' as const}]};
    const ends = [encodeAnswer('end', {count: 0}), encodeAnswer('end', {count: 0, unsearched})];
    const address = await startHostileServer(t, socket => socket.write(ends.shift() ?? end), [
      'find-folders',
    ]);
    await using client = new Client(address);
    const told: unknown[] = [];
    const options = {folders, onUnsearched: (places: unknown) => told.push(places)};
    await Array.fromAsync(client.find(['**'], options));
    assert.deepEqual(told, []);
    await Array.fromAsync(client.find(['**'], options));
    assert.deepEqual(told, [unsearched]);
  });
}

test('progress of a hash is told, and a frame of another request breaks the protocol', async t => {
  const frames = [encodeAnswer('progress', {done: 1, total: 3}), answers[frameKinds.hash] ?? end];
  const address = await startHostileServer(t, socket => {
    socket.write(frames.length > 0 ? Buffer.concat(frames.splice(0)) : end);
  });
  await using client = new Client(address);
  const told: unknown[] = [];
  const onProgress = (progress: unknown) => told.push(progress);
  assert.deepEqual(await client.hash(path('a'), {onProgress}), hashed);
  assert.deepEqual(told, [{done: 1, total: 3}]);
  await assert.rejects(client.hash(path('a')), {
    code: 'protocol',
    message: 'The server answered hash with a frame of another request',
  });
});

const nas = parseAddress('ssh://nas');
const noSsh = () => new Ssh({command: '/no/such/ssh'});

test('over ssh a short way needs one connection to each server, and a long one as many as there may be', async t => {
  for (const [ways, servers, pings] of [
    [[5], 1, 1],
    [[50, 19], 1, 2],
    [[50, 20, 30], Number.POSITIVE_INFINITY, 3],
  ] as const) {
    await using client = new Client(nas, {ssh: noSsh()});
    let count = 0;
    t.mock.method(client, 'ping', async () => ways[count++]);
    assert.equal(await client.usefulConnections(), servers);
    // The way to a server does not change.
    assert.equal(await client.usefulConnections(), servers);
    assert.equal(count, pings);
    assert.equal(client.roundTripMs, 0);
  }

  await using several = new Client(nas, {ssh: noSsh(), others: [parseAddress('ssh://b')]});
  t.mock.method(several, 'ping', async () => 1);
  assert.equal(await several.usefulConnections(), 2);
  await using plain = new Client(parseAddress('h'));
  assert.equal(await plain.usefulConnections(), Number.POSITIVE_INFINITY);
});

test('a login that fails is an error of one server, and leaves out one of several', async () => {
  await using alone = new Client(nas, {ssh: noSsh()});
  await assert.rejects(alone.login(), {code: 'usage'});
  await using several = new Client(parseAddress('h:1'), {others: [nas], ssh: noSsh()});
  const news: string[] = [];
  several.servers.onNews(one => news.push(newsSentence(one)));
  await several.login();
  assert.match(news.join(), /^ssh:\/\/nas is left out: Cannot find the program/);
  await assert.rejects(several.login({signal: AbortSignal.abort()}), {code: 'aborted'});
  await using plain = new Client({...parseAddress('h:1'), path: rootPath});
  await plain.login();
});
