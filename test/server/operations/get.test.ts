import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {digestOf, rootDigest} from '../../../protocol/block.ts';
import {Delays} from '../../fixtures/server/effort.ts';
import {collectGarbage} from '../../fixtures/server/garbage.ts';
import {
  makeFresh,
  makeOld,
  openUnder,
  patternedBytes,
  ServedFolder,
  until,
} from '../../fixtures/server/server-folder.ts';
import {blockOf, json, kinds, type RawFrame} from '../../fixtures/server/server-raw-peer.ts';

const block = 1_048_576;

function bytesOf(frames: RawFrame[]): Buffer {
  return Buffer.concat(frames.filter(({kind}) => kind === kinds.block).map(f => blockOf(f).bytes));
}

function offsetsOf(frames: RawFrame[]): number[] {
  return frames.filter(({kind}) => kind === kinds.block).map(f => blockOf(f).offset);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('a file arrives complete, with its digests, its version and its root digest', async () => {
  for (const size of [0, 1, 65_536, 65_537, block, block + 1, 3 * block, 3 * block + 12_345]) {
    const bytes = patternedBytes(size, size + 1);
    await using folder = await ServedFolder.start({old: bytes});
    const peer = await folder.peer();
    for (const algorithm of ['sha256', 'blake3'] as const) {
      const frames = await peer.ask(kinds.get, {path: 'old', algorithm});
      const [file] = frames;
      const {size: announced, mtimeMs, version} = json(file ?? assert.fail());
      assert.equal(file?.kind, kinds.file);
      assert.equal(announced, size);
      assert.equal(mtimeMs, 1_700_000_000_000);
      assert.equal(sha256(bytesOf(frames)), sha256(bytes));
      const blocks = frames.filter(({kind}) => kind === kinds.block).map(blockOf);
      for (const one of blocks) {
        assert.deepEqual(Buffer.from(one.digest), digestOf(algorithm, one.bytes));
      }

      const root = rootDigest(algorithm, Buffer.concat(blocks.map(({digest}) => digest)));
      const end = json(frames.at(-1) ?? assert.fail());
      assert.deepEqual(end, {version, root: root.toString('hex')});
      const [entry] = await peer.ask(kinds.stat, {path: 'old'});
      assert.equal(json(entry ?? assert.fail()).version, version);
    }
  }
});

test('ranges give exactly their blocks, in order, and a file that has just changed gets no root digest from them', async () => {
  const bytes = patternedBytes(4 * block + 100);
  await using folder = await ServedFolder.start({file: bytes, small: 'abc', empty: ''});
  makeFresh(join(folder.path, 'file'));
  const peer = await folder.peer();
  const ranges = [
    [block, block],
    [3 * block, block + 100],
  ];
  const frames = await peer.ask(kinds.get, {path: 'file', ranges});
  assert.deepEqual(offsetsOf(frames), [block, 3 * block, 4 * block]);
  const expected = Buffer.concat([bytes.subarray(block, 2 * block), bytes.subarray(3 * block)]);
  assert.equal(sha256(bytesOf(frames)), sha256(expected));
  assert.equal(json(frames.at(-1) ?? assert.fail()).root, undefined);
  for (const [path, ranges, length] of [
    ['file', [], 0],
    ['small', [], 0],
    ['small', [[0, 3]], 3],
    ['empty', [], 0],
  ] as const) {
    const answer = await peer.ask(kinds.get, {path, ranges});
    assert.equal(answer.at(-1)?.kind, kinds.end);
    assert.equal(bytesOf(answer).length, length);
  }
});

test('with clip, ranges end where the file ends', async () => {
  const bytes = patternedBytes(2 * block + 100);
  await using folder = await ServedFolder.start({file: bytes, small: 'abc', empty: ''});
  const peer = await folder.peer();
  const front = [0, 8 * block];
  for (const [path, ranges, offsets] of [
    ['file', [front], [0, block, 2 * block]],
    [
      'file',
      [
        [0, block],
        [2 * block, block],
      ],
      [0, 2 * block],
    ],
    [
      'file',
      [
        [0, block],
        [3 * block, block],
      ],
      [0],
    ],
    ['file', [[3 * block, block]], []],
    ['small', [front], [0]],
    ['empty', [front], []],
  ] as const) {
    const frames = await peer.ask(kinds.get, {path, ranges, clip: true});
    assert.deepEqual(offsetsOf(frames), offsets);
    assert.equal(frames.at(-1)?.kind, kinds.end);
  }

  const whole = await peer.ask(kinds.get, {path: 'file', ranges: [front], clip: true});
  assert.equal(sha256(bytesOf(whole)), sha256(bytes));
  for (const request of [{ranges: [front]}, {ranges: [[0, 100]], clip: true}]) {
    peer.request(kinds.get, {path: 'file', ...request});
    assert.equal(await peer.errorCode(), 'bad_request');
  }
});

test('without a range the answer has no block, only the frames for the file and the end', async () => {
  const large = patternedBytes(2 * block);
  await using folder = await ServedFolder.start({
    'old small': 'abc',
    'old large': large,
    empty: '',
  });
  const peer = await folder.peer();
  for (const [path, size] of [
    ['old small', 3],
    ['old large', large.length],
    ['empty', 0],
  ] as const) {
    const frames = await peer.ask(kinds.get, {path, ranges: []});
    assert.deepEqual(
      frames.map(({kind}) => kind),
      [kinds.file, kinds.end],
      path,
    );
    const [file, end] = frames.map(json);
    assert.equal(file?.size, size);
    assert.equal(end?.version, file?.version);
  }
});

test('row 46: a file of another version than the requested one is answered with changed', async () => {
  await using folder = await ServedFolder.start({old: patternedBytes(2 * block), oldSmall: 'x'});
  const peer = await folder.peer();
  for (const path of ['old', 'oldSmall']) {
    const [entry] = await peer.ask(kinds.stat, {path});
    const {version} = json(entry ?? assert.fail());
    for (const kind of [kinds.get, kinds.digests]) {
      assert.equal((await peer.ask(kind, {path, version})).at(-1)?.kind, kinds.end);
      peer.request(kind, {path, version: 'another'});
      assert.equal(await peer.errorCode(), 'changed');
    }

    appendFileSync(join(folder.path, path), 'more');
    peer.request(kinds.get, {path, version});
    assert.equal(await peer.errorCode(), 'changed');
  }

  assert.equal(openUnder(folder.path), 0, 'none of them is left open');
});

const size = 48 * block;
const changes: Record<string, (path: string) => void> = {
  grows: path => appendFileSync(path, 'more'),
  'is cut': path => truncateSync(path, size - 5),
  'is emptied': path => truncateSync(path, 0),
  'is rewritten': path => {
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, Buffer.alloc(10), 0, 10, size - 100);
    closeSync(descriptor);
  },
  'is replaced': path => {
    writeFileSync(`${path}.new`, Buffer.alloc(size));
    renameSync(`${path}.new`, path);
  },
  'is deleted': path => rmSync(path),
};
for (const [what, change] of Object.entries(changes)) {
  test(`row 46: a file that ${what} while it is sent ends with changed`, async () => {
    await using folder = await ServedFolder.start({old: Buffer.alloc(size, 1), next: 'y'});
    const peer = await folder.peer();
    peer.request(kinds.get, {path: 'old'});
    peer.request(kinds.get, {path: 'next'});
    await peer.pauseAfter(2 * block);
    change(join(folder.path, 'old'));
    peer.socket.resume();
    const frames = await peer.answer();
    assert.equal(json(frames.at(-1) ?? assert.fail()).code, 'changed');
    // All bytes before the error are those of the first version.
    assert.ok(bytesOf(frames).every(byte => byte === 1));
    assert.equal((await peer.answer()).at(-1)?.kind, kinds.end);
  });
}

test('row 32: readers that stop hold little memory, delay no other client, and are closed', async () => {
  const bytes = patternedBytes(64 * block);
  await using folder = await ServedFolder.start({old: bytes}, {deadlines: {stallMs: 1500}});
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const stalled = await Promise.all(Array.from({length: 20}, () => folder.peer()));
  for (const peer of stalled) {
    peer.request(kinds.get, {path: 'old'});
  }

  await Promise.all(stalled.map(peer => peer.pauseAfter(block)));
  const other = await folder.peer();
  other.request(kinds.get, {path: 'old'});
  const digest = createHash('sha256');
  for (let frame = await other.frame(); frame?.kind !== kinds.end; frame = await other.frame()) {
    if (frame?.kind === kinds.block) {
      digest.update(blockOf(frame).bytes);
    }
  }

  assert.equal(digest.digest('hex'), sha256(bytes));
  const received = stalled.reduce((sum, peer) => sum + peer.received, 0);
  collectGarbage();
  const held = process.memoryUsage().arrayBuffers - before - received;
  // Each reader has a block, and all share 16 more. This test keeps the rest.
  assert.ok(held < 60 * block, `${held} bytes`);
  await until(() => folder.ended === stalled.length, 'the stalled readers are closed');
  assert.ok(stalled.every(({received}) => received < 32 * block));
});

test('small files that are requested at once arrive in order', async () => {
  const content = Object.fromEntries(
    Array.from({length: 500}, (_, index) => [`f${index}`, `content of ${index}`]),
  );
  await using folder = await ServedFolder.start(content);
  const peer = await folder.peer();
  for (const path of [...Object.keys(content), 'missing']) {
    peer.request(kinds.get, {path});
  }

  for (const text of Object.values(content)) {
    assert.equal(bytesOf(await peer.answer()).toString(), text);
  }

  assert.equal(await peer.errorCode(), 'not_found');
});

test('small, large and wrong requests may follow each other on one connection', async () => {
  const bytes = patternedBytes(5 * block + 7);
  await using folder = await ServedFolder.start({old: bytes, small: 's'});
  const peer = await folder.peer();
  for (let round = 0; round < 6; round++) {
    for (const path of ['old', 'small', 'missing', 'old']) {
      peer.request(kinds.get, {path});
    }
  }

  for (let round = 0; round < 6; round++) {
    assert.equal(sha256(bytesOf(await peer.answer())), sha256(bytes));
    assert.equal(bytesOf(await peer.answer()).toString(), 's');
    assert.equal(await peer.errorCode(), 'not_found');
    assert.equal(sha256(bytesOf(await peer.answer())), sha256(bytes));
  }
});

test('a limit holds for all connections together, and bytes flow evenly', async () => {
  const bytes = patternedBytes(400_000);
  const limit = 500_000;
  await using folder = await ServedFolder.start({a: bytes, old: bytes}, {limit});
  const peers = [await folder.peer(), await folder.peer()];
  using delays = new Delays();
  const startedAt = performance.now();
  const arrivals: number[] = [];
  for (const peer of peers) {
    peer.socket.on('data', () => arrivals.push(performance.now()));
    peer.request(kinds.get, {path: 'a'});
  }

  for (const peer of peers) {
    assert.equal(sha256(bytesOf(await peer.answer())), sha256(bytes));
  }

  const seconds = (performance.now() - startedAt) / 1000;
  const most = 6 + delays.totalMs / 1000;
  assert.ok(seconds > 1.5 && seconds < most, `${seconds} s for 800 kB at 500 kB/s`);
  const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? at));
  const gap = Math.max(...gaps);
  assert.ok(gap < 1000 + delays.longestMs, `a gap of ${gap} ms`);
  assert.ok(arrivals.length >= 16, `${arrivals.length} pieces`);
});

test('a limit of a few hundred bytes a second keeps the frames whole and in order', async () => {
  await using folder = await ServedFolder.start({a: 'x'.repeat(100)}, {limit: 2000});
  const peer = await folder.peer();
  using delays = new Delays();
  const startedAt = performance.now();
  peer.request(kinds.get, {path: 'a'});
  peer.request(kinds.get, {path: 'missing'});
  peer.request(kinds.list, {path: ''});
  assert.equal((await peer.answer()).at(-1)?.kind, kinds.end);
  assert.equal(await peer.errorCode(), 'not_found');
  assert.equal((await peer.answer()).at(-1)?.kind, kinds.end);
  const seconds = (performance.now() - startedAt) / 1000;
  assert.ok(seconds > 0.15 && seconds < 6 + delays.totalMs / 1000, `${seconds} s`);
  const leaver = await folder.peer();
  leaver.request(kinds.get, {path: 'a'});
  leaver.socket.destroy();
  await until(() => folder.ended === 1, 'it has left');
  assert.ok(folder.logs.every(line => !line.includes('failed')));
});

test('a version is the same for the same size and time, wherever the file is', async () => {
  await using one = await ServedFolder.start({old: 'abc'});
  await using two = await ServedFolder.start({'x/old': 'xyz'});
  makeOld(join(two.path, 'x/old'));
  const first = (await (await one.peer()).ask(kinds.stat, {path: 'old'}))[0];
  const second = (await (await two.peer()).ask(kinds.stat, {path: 'x/old'}))[0];
  assert.equal(json(first ?? assert.fail()).version, json(second ?? assert.fail()).version);
});
