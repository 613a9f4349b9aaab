import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {closeSync, existsSync, openSync, readFileSync, readSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {JangadaError} from '../../../../../protocol/errors.ts';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {CallThreads} from '../../../../../server/store/folder/disk/call-threads.ts';
import {Disk} from '../../../../../server/store/folder/disk/disk.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {openUnder, until} from '../../../../fixtures/server/server-folder.ts';
import {
  blockOf,
  entriesIn,
  json,
  kinds,
  type RawFrame,
} from '../../../../fixtures/server/server-raw-peer.ts';
import {huge, large, StallingServer} from '../../../../fixtures/server/stalling-server.ts';

function bytesOf(frames: readonly RawFrame[]): string {
  const blocks = frames.filter(({kind}) => kind === kinds.block);
  return Buffer.concat(blocks.map(frame => blockOf(frame).bytes)).toString('latin1');
}

/** Send all kinds of requests of a client, for files that do not hang. */
async function checkOthers(server: StallingServer): Promise<void> {
  const peer = await server.peer();
  assert.deepEqual((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  assert.equal(bytesOf(await peer.ask(kinds.get, {path: 'small'})), 'small');
  assert.equal(bytesOf(await peer.ask(kinds.get, {path: 'large'})), large.toString('latin1'));
  assert.equal((await peer.ask(kinds.stat, {path: 'large'})).at(-1)?.kind, kinds.entry);
  assert.equal(entriesIn(await peer.ask(kinds.list, {path: ''})).length, 3);
  const found = await peer.ask(kinds.find, {path: '', masks: ['*']});
  assert.deepEqual(
    entriesIn(found)
      .map(({name}) => name)
      .sort(),
    ['large', 'small'],
  );
  assert.equal((await peer.ask(kinds.digests, {path: 'large'})).at(-1)?.kind, kinds.end);
  const hash = await peer.ask(kinds.hash, {path: 'small', algorithm: 'sha1'});
  assert.equal(hash.at(-1)?.kind, kinds.hashed);
  peer.request(kinds.get, {path: 'missing'});
  assert.equal(await peer.errorCode(), 'not_found');
}

test('after one slow call, files that hang delay only their own clients', async t => {
  const hanging = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => `stalled/${name}`);
  const names = ['small', 'large', 'stalled/large', 'stalled/first', ...hanging];
  const server = await StallingServer.start(t, names);
  const first = await server.peer();
  assert.equal(server.isSlow, false);
  server.stall(150);
  assert.equal(bytesOf(await first.ask(kinds.get, {path: 'stalled/first'})), 'stalled/first');
  await until(() => server.isSlow, 'the disk is known to be slow');
  server.stall('hang');
  const held = await Promise.all(hanging.map(() => server.peer()));
  for (const [index, peer] of held.entries()) {
    peer.request(kinds.get, {path: hanging[index]});
  }

  const reader = await server.peer();
  reader.request(kinds.get, {path: 'stalled/large'});
  await checkOthers(server);
  const greeting = [...held, reader].map(peer => peer.received);
  server.stall(0);
  for (const [index, peer] of held.entries()) {
    assert.ok(greeting[index] !== undefined && greeting[index] < 400, 'nothing but the greeting');
    assert.equal(bytesOf(await peer.answer()), hanging[index]);
  }

  assert.equal(bytesOf(await reader.answer()), large.toString('latin1'));
});

test('a network disk never delays others, not even with its first call', async t => {
  const names = ['small', 'large', 'stalled/a', 'stalled/b'];
  const server = await StallingServer.start(t, names, {STALL_REMOTE: '1'});
  server.stall('hang');
  const held = await server.peer();
  held.request(kinds.get, {path: 'stalled/a'});
  const lister = await server.peer();
  lister.request(kinds.list, {path: 'stalled'});
  await checkOthers(server);
  server.stall(0);
  assert.equal(bytesOf(await held.answer()), 'stalled/a');
  assert.equal(entriesIn(await lister.answer()).length, 2);
  server.child.kill('SIGTERM');
  const [status] = await once(server.child, 'exit');
  assert.equal(status, 0);
});

test('large reads that hang before the disk is known to be slow do not block others', async t => {
  const names = ['small', 'large', 'stalled/huge'];
  const server = await StallingServer.start(t, names);
  const held = await Promise.all(Array.from({length: 4}, () => server.peer()));
  for (const peer of held) {
    peer.request(kinds.get, {path: 'stalled/huge'});
    await peer.pauseAfter(1_048_576);
  }

  server.stall('hang reads');
  for (const peer of held) {
    peer.socket.resume();
  }

  await checkOthers(server);
  assert.ok(held.every(peer => peer.received < huge.length));
  server.stall(0);
  const digest = createHash('sha1').update(huge).digest('hex');
  for (const peer of held) {
    const answer = Buffer.from(bytesOf(await peer.answer()), 'latin1');
    assert.equal(createHash('sha1').update(answer).digest('hex'), digest);
  }
});

test('hashes that hang in all threads leave a thread for the hashes of others', async t => {
  const server = await StallingServer.start(t, ['small', 'large', 'stalled/huge']);
  server.stall('hang reads');
  const held = await Promise.all([1, 2].map(() => server.peer('127.0.0.2')));
  for (const peer of held) {
    peer.request(kinds.hash, {path: 'stalled/huge', algorithm: 'sha1'});
    // The hash was requested, but makes no progress.
    assert.equal((await peer.frame())?.kind, kinds.progress);
    assert.equal((await peer.frame())?.kind, kinds.progress);
    assert.equal((await peer.frame())?.kind, kinds.progress);
  }

  await checkOthers(server);
  server.stall(0);
  const digest = createHash('sha1').update(huge).digest('hex');
  for (const peer of held) {
    const last = (await peer.answer()).at(-1);
    assert.equal(last && json(last).digest, digest);
  }
});

for (const [what, environment, kind, request] of [
  ['a search', {}, kinds.find, {path: '', masks: ['stalled/**']}],
  ['a read of a network disk', {STALL_REMOTE: '1'}, kinds.stat, {path: 'stalled/name'}],
] as const) {
  test(`a server ends on SIGTERM although ${what} hangs for good`, async t => {
    const server = await StallingServer.start(t, ['stalled/name'], environment);
    server.stall('hang for good');
    const peer = await server.peer();
    peer.request(kind, request);
    await until(() => server.hangs, 'the call hangs');
    const ended = once(server.child, 'exit');
    server.child.kill('SIGTERM');
    assert.deepEqual(await ended, [null, 'SIGTERM']);
    assert.ok(server.logs.some(line => line.includes('disk calls hang')));
  });
}

const symbols = '/proc/kallsyms';

test('a file is read to its end even if the system returns fewer bytes than requested', {
  skip: existsSync(symbols) ? false : 'the system has no file that is read in small parts',
}, async t => {
  const root = openRoot(temporaryFolder(t));
  const disk = new Disk(root, {remote: false, onSlow() {}});
  t.after(() => disk.close());
  const descriptor = openSync(symbols, 'r');
  t.after(() => closeSync(descriptor));
  const into = Buffer.alloc(200_000);
  const path = parseRemotePath('symbols');
  assert.ok(readSync(descriptor, into, 0, into.length, 0) < into.length);
  assert.equal(await disk.read(descriptor, into, 0, path), into.length);
  assert.ok(into.equals(readFileSync(symbols).subarray(0, into.length)));
});

for (const [what, code, isClosed] of [
  ['no thread can be started is closed without one', 'busy', true],
  ['the thread fails is not closed a second time', 'internal', false],
] as const) {
  test(`on a slow disk, a file for which ${what}`, async t => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'file'), '');
    const root = openRoot(folder);
    const disk = new Disk(root, {remote: true, onSlow() {}});
    t.after(async () => {
      await disk.close();
      root.close();
    });
    t.mock.method(CallThreads.prototype, 'run', async () => {
      throw new JangadaError(code, 'No');
    });
    const descriptor = openSync(join(folder, 'file'), 'r');
    disk.release(descriptor);
    await turn();
    assert.equal(openUnder(folder), isClosed ? 0 : 1);
    if (!isClosed) {
      closeSync(descriptor);
    }
  });
}

for (const remote of [false, true]) {
  test(`a read that fails is told as an error for clients${remote ? ', from threads too' : ''}`, async t => {
    const folder = temporaryFolder(t);
    const root = openRoot(folder);
    const disk = new Disk(root, {remote, onSlow() {}});
    t.after(async () => {
      await disk.close();
      root.close();
    });
    // A folder cannot be read as a file.
    const descriptor = openSync(folder, 'r');
    t.after(() => closeSync(descriptor));
    const path = parseRemotePath('a');
    for (const length of [10, 65_536, 65_537]) {
      await assert.rejects(async () => disk.read(descriptor, Buffer.alloc(length), 0, path), {
        code: 'internal',
        message: "The server could not read 'a'",
      });
    }
  });
}
