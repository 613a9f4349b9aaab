import assert from 'node:assert/strict';
import {once} from 'node:events';
import {symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import type {Worker} from 'node:worker_threads';
import {rootPath} from '../../../../../protocol/remote-path.ts';
import {FindPool} from '../../../../../server/store/folder/find/find-pool.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {ServedFolder} from '../../../../fixtures/server/server-folder.ts';
import {entriesIn, json, kinds, RawPeer} from '../../../../fixtures/server/server-raw-peer.ts';

/** The limit for a test that hangs. */
const timeout = 45_000;
const skip = process.platform === 'linux' ? false : 'there is one loopback address elsewhere';
const files = 400;
const links = 30;

/** A folder in which a search finds more than all buffers on the way to a client can hold, about 10 MB. */
async function startLargeSearch(): Promise<ServedFolder> {
  const long = ['a', 'b', 'c'].map(letter => letter.repeat(240)).join('/');
  const names = Array.from({length: files}, (_, index) => `${long}/${index}`);
  const folder = await ServedFolder.start(Object.fromEntries(names.map(name => [name, ''])));
  for (let link = 0; link < links; link++) {
    symlinkSync('a'.repeat(240), join(folder.path, `link${link}`));
  }

  folder.write({'name.txt': ''});
  return folder;
}

async function askFrom(folder: ServedFolder, localAddress: string, masks: string[]) {
  const peer = await RawPeer.greeted({...folder.server, localAddress});
  peer.request(kinds.find, {path: '', masks});
  return peer;
}

/** A pool for searches of one client in a folder with one file. `ends` resolve when the threads of the searches end. */
function startPool(t: TestContext) {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'name.txt'), '');
  const ends: Promise<unknown>[] = [];
  const onThread = (thread: Worker) => ends.push(once(thread, 'exit'));
  process.on('worker', onThread);
  const root = openRoot(folder);
  const pool = new FindPool(root.handle, 60_000);
  t.after(async () => {
    process.off('worker', onThread);
    await pool.close();
    root.close();
  });
  const search = () => {
    const client = {peer: 'here', signal: new AbortController().signal};
    return pool.run({path: rootPath, masks: ['**'], folders: false}, client);
  };
  return {pool, search, ends};
}

test('searches of clients that do not read delay no others, and continue when the clients read', {
  timeout,
  skip,
}, async () => {
  await using folder = await startLargeSearch();
  const silent: RawPeer[] = [];
  for (const address of ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.2']) {
    const peer = await askFrom(folder, address, ['**']);
    silent.push(peer);
    // The search has begun: these are as many as may run at once.
    await peer.pauseAfter(1000);
  }

  for (const address of ['127.0.0.1', '127.0.0.3']) {
    using other = await askFrom(folder, address, ['n*']);
    const names = entriesIn(await other.answer()).map(({name}) => name);
    assert.deepEqual(names, ['name.txt'], address);
  }

  for (const peer of silent) {
    peer.socket.resume();
    const last = (await peer.answer()).at(-1) ?? assert.fail();
    assert.equal(json(last).count, files * (links + 1) + 1);
    peer.socket.destroy();
  }
});

test('searches of one address never take all turns', {timeout, skip}, async () => {
  // No search ends before its masks are given up, and none waits for its client.
  const name = 'a'.repeat(220);
  const deadlines = {maskMs: 600_000};
  await using folder = await ServedFolder.start({[name]: '', b: ''}, {deadlines});
  const masks = ['*a*a*a*a*a*a*a*a*a*c'];
  using first = await askFrom(folder, '127.0.0.1', masks);
  using second = await askFrom(folder, '127.0.0.1', masks);
  using third = await askFrom(folder, '127.0.0.1', masks);
  using fourth = await askFrom(folder, '127.0.0.1', masks);
  using other = await askFrom(folder, '127.0.0.2', ['b']);
  assert.equal((await other.answer()).at(-1)?.kind, kinds.end);
  assert.ok([first, second, third, fourth].every(({closed}) => !closed));
});

test('searches whose clients left, one after the other, leave a place for the next', {
  // Each search starts a thread.
  timeout: 2 * timeout,
}, async t => {
  const {search, ends} = startPool(t);
  // As many as may hang.
  for (let round = 1; round <= 8; round++) {
    const frames = search();
    assert.equal((await frames.next()).done, false);
    await frames.return({count: 0, first: []});
    assert.equal(ends.length, round);
    await Promise.all(ends);
  }

  const found = await Array.fromAsync(search());
  assert.deepEqual(
    found.map(({files}) => files),
    [1],
  );
});

test('a search that waits for its turn when the threads are ended starts no thread', {
  timeout,
}, async t => {
  const {pool, search, ends} = startPool(t);
  // As many as may run at once for one client.
  const running = [search(), search()];
  for (const frames of running) {
    assert.equal((await frames.next()).done, false);
  }

  const refused = assert.rejects(search().next(), {code: 'aborted'});
  await pool.close();
  for (const frames of running) {
    await frames.return({count: 0, first: []});
  }

  await refused;
  assert.equal(ends.length, running.length);
});
