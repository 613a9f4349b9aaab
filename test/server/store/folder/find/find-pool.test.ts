import assert from 'node:assert/strict';
import {symlinkSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {ServedFolder} from '../../../../fixtures/server/server-folder.ts';
import {entriesIn, json, kinds, RawPeer} from '../../../../fixtures/server/server-raw-peer.ts';

/** A test that hangs fails instead. */
const timeout = 45_000;
const skip = process.platform === 'linux' ? false : 'there is one loopback address elsewhere';
const files = 400;
const links = 30;

/** A folder whose search is more than all buffers on the way to a client hold: some 10 MB. */
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

test('searches of clients that do not read hold up nobody, and go on when they read', {
  timeout,
  skip,
}, async () => {
  await using folder = await startLargeSearch();
  const silent: RawPeer[] = [];
  for (const address of ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.2']) {
    const peer = await askFrom(folder, address, ['**']);
    silent.push(peer);
    // It has begun, as many as may run at once.
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

test('searches of one address never are all that may run', {timeout, skip}, async () => {
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
