import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {mkdirSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {digestOf, rootDigest} from '../../../protocol/block.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import {startServer} from '../../../server/server.ts';
import type {FileToLoad} from '../../../server/store/store.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {patternedBytes, ServedFolder} from '../../fixtures/server/server-folder.ts';
import {json, kinds, type RawFrame, RawPeer} from '../../fixtures/server/server-raw-peer.ts';

const block = 1_048_576;

/** The records of all `roots` frames, decoded after docs/protocol.md: root digests in hex, or error codes. */
function recordsIn(frames: readonly RawFrame[]) {
  const bytes = Buffer.concat(frames.filter(f => f.kind === kinds.rootBytes).map(f => f.payload));
  const records: Array<{size?: number; version?: string; root?: string; code?: unknown}> = [];
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at];
    if (kind === 0) {
      const end = at + 3 + bytes.readUInt16BE(at + 1);
      const {code} = json({kind: kinds.error, payload: bytes.subarray(at + 3, end)});
      records.push({code});
      at = end;
    } else {
      const size = Number(bytes.readBigUInt64BE(at + 1));
      const versionEnd = at + 18 + (bytes[at + 17] ?? 0);
      const end = versionEnd + (kind === 2 ? 32 : 0);
      const version = bytes.toString('latin1', at + 18, versionEnd);
      records.push({size, version, root: bytes.toString('hex', versionEnd, end)});
      at = end;
    }
  }

  return records;
}

function rootOf(bytes: Uint8Array): string {
  const digests: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += block) {
    digests.push(digestOf('sha256', bytes.subarray(at, at + block)));
  }

  return rootDigest('sha256', Buffer.concat(digests)).toString('hex');
}

test('roots gives states and root digests of many files of any size, in the order of the request', async () => {
  const contents = {
    small: patternedBytes(5, 1),
    large: patternedBytes(3 * block + 9, 2),
    empty: new Uint8Array(),
    middle: patternedBytes(70_000, 3),
    'old/small': patternedBytes(65_536, 4),
  };
  await using folder = await ServedFolder.start(contents);
  const peer = await folder.peer();
  const files = Object.entries(contents).map(([name, bytes]) => [name, bytes.length]);
  // In the second round some digests are remembered.
  for (const _ of ['computed', 'remembered']) {
    const frames = await peer.ask(kinds.roots, {files});
    const records = recordsIn(frames);
    assert.deepEqual(
      records.map(({size, root}) => [size, root]),
      Object.values(contents).map(bytes => [bytes.length, rootOf(bytes)]),
    );
    assert.deepEqual(json(frames.at(-1) ?? assert.fail()), {count: files.length});
    for (const [index, [path]] of files.entries()) {
      const [entry] = await peer.ask(kinds.stat, {path});
      assert.equal(json(entry ?? assert.fail()).version, records[index]?.version);
    }
  }
});

test('a file of another size, or that is requested without a size, gets no root digest', async () => {
  await using folder = await ServedFolder.start({a: 'five!', b: 'six...'});
  const peer = await folder.peer();
  const records = recordsIn(await peer.ask(kinds.roots, {files: [['a', 6], ['b'], ['b', 6]]}));
  assert.deepEqual(
    records.map(({size, root}) => [size, root]),
    [
      [5, ''],
      [6, ''],
      [6, rootOf(Buffer.from('six...'))],
    ],
  );
});

test('files of another size are looked up one after the other, and none is opened', async t => {
  const store = new (class extends MemoryStore {
    running = 0;
    most = 0;

    override async stat(path: RemotePath) {
      this.most = Math.max(this.most, ++this.running);
      await nextTurn();
      this.running--;
      return await super.stat(path);
    }

    override open(): never {
      assert.fail('a file is opened');
    }
  })();
  const names = Array.from({length: 64}, (_, index) => `f${index}`);
  for (const name of names) {
    store.write(name, Buffer.from('five!'));
  }

  const server = await startServer({root: store, port: 0});
  t.after(() => server.close({graceMs: 0}));
  const peer = await RawPeer.greeted(server);
  t.after(() => peer.socket.destroy());
  const frames = await peer.ask(kinds.roots, {files: names.map(name => [name, 6])});
  assert.deepEqual(
    recordsIn(frames).map(({size, root}) => [size, root]),
    names.map(() => [5, '']),
  );
  assert.equal(store.most, 1);
});

test('a small file that was read with another size, and then has the requested one, has changed', async t => {
  const store = new (class extends MemoryStore {
    override async load(files: readonly FileToLoad[]) {
      const loaded = await super.load(files);
      this.write('a', Buffer.from('six...'));
      return loaded;
    }
  })();
  store.write('a', Buffer.from('five!'));
  const server = await startServer({root: store, port: 0});
  t.after(() => server.close({graceMs: 0}));
  const peer = await RawPeer.greeted(server);
  t.after(() => peer.socket.destroy());
  const records = recordsIn(await peer.ask(kinds.roots, {files: [['a', 6]]}));
  assert.deepEqual(records, [{code: 'changed'}]);
});

test('a file that cannot be read has its error in its place, and the others have their records', async () => {
  await using folder = await ServedFolder.start({'folder/a': 'a', 'b.jangada-part': 'b', c: 'c'});
  mkdirSync(join(folder.outside, 'secret'));
  symlinkSync('../secret', join(folder.path, 'out'));
  const peer = await folder.peer();
  const names = ['none', 'folder', 'b.jangada-part', 'out/x', 'out', 'c'];
  const codes = ['not_found', 'not_a_file', 'forbidden', 'not_found', 'not_found', undefined];
  for (const size of [[], [1]]) {
    const frames = await peer.ask(kinds.roots, {files: names.map(name => [name, ...size])});
    assert.deepEqual(
      recordsIn(frames).map(({code}) => code),
      codes,
    );
  }
});

test('a thousand small files are one answer of a few frames, while another client is served', async () => {
  const names = Array.from({length: 1000}, (_, index) => `d/f${index}`);
  await using folder = await ServedFolder.start(
    Object.fromEntries(names.map(name => [name, name])),
  );
  const [peer, other] = [await folder.peer(), await folder.peer()];
  peer.request(kinds.roots, {files: names.map(name => [name, name.length])});
  const [pong] = await other.ask(kinds.ping, {});
  assert.equal(pong?.kind, kinds.pong);
  // On a busy machine signs of life may be among them.
  const frames = (await peer.answer()).filter(({kind}) => kind !== kinds.progress);
  assert.ok(frames.length <= 4, `${frames.length} frames`);
  assert.deepEqual(
    recordsIn(frames).map(({root}) => root),
    names.map(name => rootOf(Buffer.from(name))),
  );
});

test('while large files are hashed, signs of life show the progress', async () => {
  await using folder = await ServedFolder.start(
    {a: patternedBytes(40 * block), b: patternedBytes(40 * block)},
    {deadlines: {progressMs: 1}},
  );
  const peer = await folder.peer();
  const files = ['a', 'b'].map(name => [name, 40 * block]);
  const frames = await peer.ask(kinds.roots, {files});
  const done = frames.filter(f => f.kind === kinds.progress).map(f => Number(json(f).done));
  assert.ok(done.length > 0);
  assert.deepEqual(
    done,
    done.toSorted((one, next) => one - next),
  );
  assert.equal(recordsIn(frames).length, 2);
});

test('when a client leaves while its files are hashed, no file stays open', async () => {
  await using folder = await ServedFolder.start({large: patternedBytes(30 * block)});
  const peer = await folder.peer();
  peer.request(kinds.roots, {files: Array.from({length: 200}, () => ['large', 30 * block])});
  peer.socket.end();
  await peer.end();
  const other = await folder.peer();
  const [record] = recordsIn(await other.ask(kinds.roots, {files: [['large', 30 * block]]}));
  assert.ok(record?.root);
});

test('when a client leaves while a slow disk reads its small files, no more of them are read', async t => {
  const begun = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const names = Array.from({length: 10}, (_, index) => `f${index}`);
  const reads: number[] = [];
  // The first call reads one file, while the client leaves.
  const store = new (class extends MemoryStore {
    override async load(files: readonly FileToLoad[]) {
      reads.push(files.length);
      begun.resolve();
      await left.promise;
      return super.load(files.slice(0, 1));
    }
  })();
  for (const name of names) {
    store.write(name, Buffer.from(name));
  }

  const server = await startServer({root: store, port: 0});
  t.after(() => server.close({graceMs: 0}));
  const peer = await RawPeer.greeted(server);
  peer.request(kinds.roots, {files: names.map(name => [name, name.length])});
  await begun.promise;
  peer.socket.destroy();
  // The server learns that one client has left before it greets the next one.
  const other = await RawPeer.greeted(server);
  t.after(() => other.socket.destroy());
  left.resolve();
  for (let pings = 0; pings < 10; pings++) {
    await other.ask(kinds.ping, {});
  }

  assert.deepEqual(reads, [names.length]);
});
