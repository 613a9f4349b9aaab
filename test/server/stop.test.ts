/** A server that stops: how long that takes, and what clients and balancers are told. */
import assert from 'node:assert/strict';
import {syncBuiltinESMExports} from 'node:module';
import {type TestContext, test} from 'node:test';
import timers from 'node:timers/promises';
import {testDoor} from '../fixtures/door.ts';
import {patternedBytes, ServedFolder, until} from '../fixtures/server/server-folder.ts';
import {json, kinds, RawPeer} from '../fixtures/server/server-raw-peer.ts';

const timeout = 60_000;
const mebibyte = 1_048_576;

test('a server that stops finishes its answers, and accepts no new connections', async () => {
  await using folder = await ServedFolder.start({old: patternedBytes(30 * 1_048_576)});
  const idle = await folder.peer();
  const busy = await folder.peer();
  busy.request(kinds.get, {path: 'old'});
  busy.request(kinds.ping, {});
  await busy.pauseAfter(1_048_576);
  const closed = folder.server.close({graceMs: 60_000});
  busy.socket.resume();
  assert.equal((await busy.answer()).at(-1)?.kind, kinds.end);
  for (const peer of [busy, idle]) {
    const goodBye = json((await peer.frame()) ?? assert.fail());
    assert.deepEqual([goodBye.code, goodBye.leaving], ['timed_out', true]);
    await peer.end();
  }

  await closed;
  await assert.rejects(RawPeer.silent(folder.server), {code: 'ECONNREFUSED'});
});

test('a server that stops waits no longer than its grace time', async () => {
  await using folder = await ServedFolder.start({old: patternedBytes(30 * 1_048_576)});
  const busy = await folder.peer();
  busy.request(kinds.get, {path: 'old'});
  await busy.pauseAfter(1_048_576);
  const startedAt = performance.now();
  await folder.server.close({graceMs: 200});
  assert.ok(performance.now() - startedAt < 30_000);
  assert.equal(json((await busy.frame()) ?? assert.fail()).size, 30 * 1_048_576);
});

for (const graceMs of [0, 50]) {
  test(`an answer that takes longer than ${graceMs} ms ends after a whole frame, with a good-bye`, {
    timeout,
  }, async () => {
    const limit = 4 * mebibyte;
    await using folder = await ServedFolder.start({old: patternedBytes(30 * mebibyte)}, {limit});
    const busy = await folder.peer();
    busy.request(kinds.get, {path: 'old'});
    assert.equal((await busy.frame())?.kind, kinds.file);
    const before = busy.received;
    await until(() => busy.received > before, 'a block has begun');
    const closed = folder.server.close({graceMs});
    const answer = await busy.answer();
    const goodBye = json(answer.at(-1) ?? assert.fail());
    assert.deepEqual([goodBye.code, goodBye.leaving], ['timed_out', true]);
    assert.ok(answer.length > 1 && answer.length < 31, `${answer.length} frames`);
    assert.ok(answer.slice(0, -1).every(({kind}) => kind === kinds.block));
    await busy.end();
    await closed;
  });
}

test('a client without a request gets a good-bye, and a client that has not begun TLS is closed', {
  timeout,
}, async t => {
  await using plain = await ServedFolder.start();
  await using overTls = await ServedFolder.start({}, {door: testDoor(t)});
  const [silent, early] = [await plain.silentPeer(), await overTls.silentPeer()];
  await until(() => silent.socket.readyState === 'open', 'they are accepted');
  // Connections accepted before this one have been accepted by then.
  await plain.peer();
  await RawPeer.silent(overTls.server);
  const closed = Promise.all([plain, overTls].map(({server}) => server.close({graceMs: 60_000})));
  assert.equal(json((await silent.frame()) ?? assert.fail()).leaving, true);
  await early.end();
  assert.equal(early.received, 0);
  await closed;
});

/** Make a wait of `waitMs` last until the result is called, however fast or slow the machine is. */
function holdWait(t: TestContext, waitMs: number): () => void {
  const over = Promise.withResolvers<void>();
  const wait = timers.setTimeout;
  const mocked = t.mock.method(timers, 'setTimeout', (ms: number) =>
    ms === waitMs ? over.promise : wait(ms),
  );
  syncBuiltinESMExports();
  t.after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
  return () => over.resolve();
}

test('a draining server serves as usual, and tells balancers to send no new clients', {
  timeout,
}, async t => {
  const drainMs = 5000;
  const endDrain = holdWait(t, drainMs);
  await using folder = await ServedFolder.start({a: 'x'}, {drainMs});
  const before = await folder.peer();
  const closed = folder.server.close();
  const check = await folder.silentPeer();
  const told: Buffer[] = [];
  check.socket.on('data', bytes => told.push(bytes));
  check.send('jangada/?\r\n');
  await check.end();
  assert.equal(String(Buffer.concat(told)), 'jangada/draining\r\n');
  const newcomer = await folder.peer();
  for (const peer of [before, newcomer]) {
    assert.equal((await peer.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
  }

  endDrain();
  for (const peer of [before, newcomer]) {
    assert.equal(json((await peer.frame()) ?? assert.fail()).leaving, true);
  }

  await closed;
  await assert.rejects(RawPeer.silent(folder.server), {code: 'ECONNREFUSED'});
});
