import assert from 'node:assert/strict';
import {readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../../protocol/block.ts';
import {LastSpans} from '../../../../../source/transfers/blocks/servers/last-spans.ts';
import {noise, path, until} from '../../../../fixtures/harness.ts';
import {assertVerified, codeOf} from '../../../../fixtures/outcome.ts';
import {type SeveralServers, startSeveral} from '../../../../fixtures/server/several-servers.ts';

const mebibyte = 1_048_576;
const content = noise(24 * mebibyte);
const allBlocks = Array.from({length: 24}, (_, index) => index);

function assertSaved({target}: SeveralServers, bytes: Uint8Array = content): void {
  assert.ok(readFileSync(join(target, 'big')).equals(bytes));
}

/** The blocks that each server has sent, and all blocks in order. */
function blocksOf({servers}: SeveralServers): {each: number[][]; all: number[]} {
  const each = servers.map(({meter}) => meter.blocksOf('big'));
  return {each, all: each.flat().sort((one, other) => one - other)};
}

test('two servers send a file together, and no block is sent twice', async t => {
  // Without it: a server that a busy machine holds up is overtaken at the end.
  t.mock.method(LastSpans.prototype, 'over', () => {});
  const several = await startSeveral(t);
  for (const {proxy} of several.servers) {
    proxy.bytesPerSecond = 20_000_000;
  }

  several.serve('big', content);
  assertVerified(await several.fetch('big', {size: content.length}));
  assertSaved(several);
  const {each, all} = blocksOf(several);
  assert.deepEqual(all, allBlocks);
  for (const blocks of each) {
    assert.ok(blocks.length >= 3, `${blocks.length} of 24 blocks`);
  }

  assert.deepEqual(several.news, []);
});

test('a server that is killed half way is left out, and sends blocks again when it is back', async t => {
  const several = await startSeveral(t);
  const {servers, news} = several;
  const [a, b] = servers;
  assert.ok(a !== undefined && b !== undefined);
  a.proxy.bytesPerSecond = 4_000_000;
  b.proxy.bytesPerSecond = 4_000_000;
  several.serve('big', content);
  const id = several.add('big', {size: content.length});
  await until(() => a.meter.blockBytes > 0 && b.meter.blockBytes > 2 * mebibyte);
  await b.stop();
  // What B sent before its end may still be on its way.
  await until(() => news.length === 1 && b.proxy.links.length === 0);
  assert.match(news[0] ?? '', /^B does not answer \(.*\): going on with A$/);
  const whileGone = {a: a.meter.blockBytes, b: b.meter.blockBytes};
  await until(() => a.meter.blockBytes > whileGone.a + 2 * mebibyte);
  assert.equal(b.meter.blockBytes, whileGone.b);
  // So slow that B is tried again, after a pause of up to a few seconds, before the file is complete.
  a.proxy.bytesPerSecond = 1_000_000;
  await b.start();
  await until(() => b.meter.blockBytes > whileGone.b + 2 * mebibyte);
  a.proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
  b.proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
  await several.queue.idle();
  assertVerified(several.row(id));
  assertSaved(several);
  assert.deepEqual(news.slice(1), ['B answers again']);
});

test('when the main server is killed, the other one sends the rest and confirms the root digest', async t => {
  const several = await startSeveral(t);
  const [a, b] = several.servers;
  assert.ok(a !== undefined && b !== undefined);
  a.proxy.bytesPerSecond = 8_000_000;
  b.proxy.bytesPerSecond = 8_000_000;
  several.serve('big', content);
  const id = several.add('big', {size: content.length});
  await until(() => a.meter.blockBytes > 2 * mebibyte);
  await a.stop();
  b.proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
  await several.queue.idle();
  assertVerified(several.row(id));
  assertSaved(several);
  assert.match(several.news.join(), /^A does not answer \(.*\): going on with B$/);
});

for (const {what, change, said} of [
  {
    what: 'another version of it',
    change: (file: string) => utimesSync(file, 1_600_000_000, 1_600_000_000),
    said: 'big: B is left out for it: it has another version of the file',
  },
  {
    what: 'no such file',
    change: (file: string) => rmSync(file),
    said: 'big: B is left out for it: it does not have the file',
  },
]) {
  test(`a server that has ${what} is left out for the file, and this is reported`, async t => {
    const several = await startSeveral(t);
    several.serve('big', content);
    change(join(several.servers[1]?.root ?? '', 'big'));
    void several.slowMain(() => several.news.length > 0);
    assertVerified(await several.fetch('big', {size: content.length}));
    assertSaved(several);
    assert.deepEqual(blocksOf(several).each, [allBlocks, []]);
    assert.deepEqual(several.news, [said]);
  });
}

test('a server whose blocks arrive damaged is left out for the file, and none of its blocks is written', async t => {
  const several = await startSeveral(t);
  const [, b] = several.servers;
  assert.ok(b !== undefined);
  b.meter.damages = true;
  several.serve('big', content);
  void several.slowMain(() => several.news.length > 0);
  assertVerified(await several.fetch('big', {size: content.length}));
  assertSaved(several);
  assert.deepEqual(several.servers[0]?.meter.blocksOf('big'), allBlocks);
  assert.deepEqual(several.news, ['big: B is left out for it: its blocks arrived damaged']);
});

test('other content with the same size and time is detected at the end, and only the blocks of its server are replaced', async t => {
  const several = await startSeveral(t);
  const [, b] = several.servers;
  assert.ok(b !== undefined);
  several.serve('big', content);
  const file = join(b.root, 'big');
  writeFileSync(file, noise(content.length, 2));
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  void several.slowMain(() => b.meter.blockBytes > 0);
  assertVerified(await several.fetch('big', {size: content.length}));
  assertSaved(several);
  const {each} = blocksOf(several);
  assert.deepEqual(each[0], allBlocks);
  assert.ok((each[1]?.length ?? 0) > 0);
  assert.deepEqual(several.news, [
    'big: B is left out for it: its blocks differ from those of the main server',
  ]);
});

test('with an expected root digest, no block of other content is written', async t => {
  const several = await startSeveral(t);
  const [, b] = several.servers;
  assert.ok(b !== undefined);
  several.serve('big', content);
  const file = join(b.root, 'big');
  writeFileSync(file, noise(content.length, 2));
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  void several.slowMain(() => several.news.length > 0);
  const {root = ''} = await several.client.digests(path('big'), {algorithm: 'sha256'});
  const expect = {kind: 'root', algorithm: 'sha256', hex: root} as const;
  assertVerified(await several.fetch('big', {size: content.length, expect}));
  assertSaved(several);
  assert.match(several.news.join(), /^big: B is left out for it: The server sends a block/);
  assert.deepEqual(several.servers[0]?.meter.blocksOf('big'), allBlocks);
});

test('if no server has the file, it fails as with one server', async t => {
  const several = await startSeveral(t);
  assert.equal(codeOf(await several.fetch('big')), 'not_found');
  assert.deepEqual(several.news, []);
});

test('a much slower server does not delay the end', async t => {
  const several = await startSeveral(t);
  const [a, b] = several.servers;
  assert.ok(a !== undefined && b !== undefined);
  several.serve('big', content);
  a.proxy.bytesPerSecond = 20_000_000;
  // The blocks that it gets at first would take it four minutes.
  b.proxy.bytesPerSecond = 20_000;
  assertVerified(await several.fetch('big', {size: content.length}));
  assertSaved(several);
  assert.deepEqual(a.meter.blocksOf('big'), allBlocks);
  assert.deepEqual(several.news, []);
});

test('a silent server does not delay the end, however long its timeout is', async t => {
  const several = await startSeveral(t, {client: {silenceTimeoutMs: 600_000}});
  const [a, b] = several.servers;
  assert.ok(a !== undefined && b !== undefined);
  several.serve('big', content);
  a.proxy.bytesPerSecond = 8_000_000;
  b.proxy.bytesPerSecond = 8_000_000;
  const id = several.add('big', {size: content.length});
  await until(() => b.meter.blockBytes > 2 * mebibyte);
  for (const link of b.proxy.links) {
    b.proxy.silence(link);
  }

  a.proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
  await several.queue.idle();
  assertVerified(several.row(id));
  assertSaved(several);
});

test('a server with room for one connection sends blocks over it, and is not reported', async t => {
  const several = await startSeveral(t, {server: [{}, {maxConnectionsPerAddress: 1}]});
  for (const {proxy} of several.servers) {
    proxy.bytesPerSecond = 20_000_000;
  }

  const long = noise(128 * mebibyte);
  several.serve('big', long);
  assertVerified(await several.fetch('big', {size: long.length}));
  assertSaved(several, long);
  const {each} = blocksOf(several);
  // The number of its blocks depends on when the client learns that the server has room for one connection.
  assert.ok((each[1]?.length ?? 0) > 8, `${each[1]?.length}`);
  assert.deepEqual(several.news, []);
});

test('a partial file continues over several servers, and only missing blocks are fetched', async t => {
  const several = await startSeveral(t);
  several.serve('big', content);
  assertVerified(await several.fetch('big', {size: content.length}));
  blocksOf(several);
  const damaged = Buffer.from(content);
  for (const block of [3, 11, 19]) {
    damaged.writeUInt8(damaged.readUInt8(block * blockSize) ^ 1, block * blockSize);
  }

  writeFileSync(join(several.target, 'big'), damaged);
  assertVerified(await several.fetch('big', {size: content.length}));
  assertSaved(several);
  assert.deepEqual(blocksOf(several).all, [3, 11, 19]);
});
