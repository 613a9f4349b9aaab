import assert from 'node:assert/strict';
import {once} from 'node:events';
import {closeSync, openSync} from 'node:fs';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import {test} from 'node:test';
import type {Entry} from '../../../protocol/messages.ts';
import {rootPath} from '../../../protocol/remote-path.ts';
import {list} from '../../../server/operations/list.ts';
import {startEffort} from '../../fixtures/server/effort.ts';
import {exchangeOn} from '../../fixtures/server/exchange-on.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {entriesIn, json, kinds} from '../../fixtures/server/server-raw-peer.ts';

test('an entry has a name, a type, a size and a time', async () => {
  await using folder = await ServedFolder.start({old: 'four', 'sub/x': ''});
  const peer = await folder.peer();
  const listing = await peer.ask(kinds.list, {path: ''});
  const entries = entriesIn(listing);
  const end = listing.at(-1);
  assert.deepEqual(
    entries.find(({name}) => name === 'old'),
    {name: 'old', type: 'file', size: 4, mtimeMs: 1_700_000_000_000},
  );
  assert.deepEqual(json(end ?? assert.fail()), {count: 2});
  for (const {name, mtimeMs} of entries) {
    const [entry] = await peer.ask(kinds.stat, {path: name});
    // A listing rounds times, and other answers truncate them.
    const difference = Math.abs(Number(json(entry ?? assert.fail()).mtimeMs) - mtimeMs);
    assert.ok(difference < 0.002, 'list and stat agree to the microsecond');
  }
});

test('row 39: a huge folder is sent in parts, and the listing stops when its client leaves', async () => {
  const count = 12_000;
  await using folder = await ServedFolder.start();
  for (let index = 0; index < count; index++) {
    closeSync(openSync(join(folder.path, `a file whose name has some length ${index}`), 'w'));
  }

  const peer = await folder.peer();
  const effortMs = startEffort();
  peer.request(kinds.list, {path: ''});
  const first = (await peer.frame()) ?? assert.fail();
  const firstMs = effortMs();
  const rows = (json(first).entries as unknown[]).length;
  assert.ok(rows > 0 && rows <= 1000);
  let seen = rows;
  const other = await folder.peer();
  let slowest = 0;
  for (let frame = await peer.frame(); frame?.kind === kinds.entries; frame = await peer.frame()) {
    seen += (json(frame).entries as unknown[]).length;
    assert.ok(frame.payload.length <= 262_144);
    const pingMs = startEffort();
    await other.ask(kinds.ping, {});
    slowest = Math.max(slowest, pingMs());
  }

  const allMs = effortMs();
  assert.equal(seen, count);
  assert.ok(firstMs < allMs / 3, `the first rows after ${firstMs} of ${allMs} ms`);
  assert.ok(slowest < 500, `a ping took ${slowest} ms meanwhile`);
  const leaver = await folder.peer();
  leaver.request(kinds.list, {path: ''});
  await leaver.pauseAfter(1000);
  leaver.socket.destroy();
  await until(() => folder.ended === 1, 'the leaver is gone');
  const line = folder.logs.find(text => text.includes('connection ended')) ?? assert.fail();
  const {bytes} = JSON.parse(line) as {bytes: number};
  assert.ok(bytes < 1_200_000, `${bytes} bytes were sent to it`);
});

test('row 22: names with control sequences are escaped in the log, and raw on the wire', async () => {
  const names = ['\x1b]52;c;x\x07', '\x9b31m', 'a\r\nb', '\u202egpj.exe'];
  await using folder = await ServedFolder.start(Object.fromEntries(names.map(name => [name, 'x'])));
  const peer = await folder.peer();
  const entries = entriesIn(await peer.ask(kinds.list, {path: ''}));
  assert.deepEqual(entries.map(({name}) => name).sort(), names.toSorted());
  for (const name of names) {
    peer.request(kinds.list, {path: name});
    assert.equal(await peer.errorCode(), 'not_a_folder');
    peer.request(kinds.find, {path: '', masks: [`/${name}`]});
    assert.equal(await peer.errorCode(), 'bad_mask');
  }

  const logged = folder.logs
    .map(line => String((JSON.parse(line) as {msg: unknown}).msg))
    .join('|');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
  assert.doesNotMatch(logged, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  assert.match(logged, /\\x1b\]52/);
});

test('the server reads only as much of a folder as its client reads', async t => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => listener.close());
  // The address of a listener on a TCP port has this type.
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1').resume();
  t.after(() => client.destroy());
  const [socket] = (await once(listener, 'connection')) as [Socket];
  t.after(() => socket.destroy());
  let mostWaiting = 0;
  class LongStore extends MemoryStore {
    override async *list(): AsyncGenerator<Entry[], void, void> {
      for (let slice = 0; slice < 400; slice++) {
        mostWaiting = Math.max(mostWaiting, socket.writableLength);
        yield Array.from({length: 100}, (_, index) => {
          const name = `${slice}-${index}`.padEnd(1000, 'n');
          return {name, type: 'file', size: 1, mtimeMs: 0} as const;
        });
      }
    }
  }

  await list({path: rootPath}, exchangeOn(socket, new LongStore()));
  assert.ok(mostWaiting < 2_000_000, `${mostWaiting} of 40,000,000 bytes waited`);
});
