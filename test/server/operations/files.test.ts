import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {execFileSync} from 'node:child_process';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {decodePackedFiles} from '../../../protocol/batches/packed-files.ts';
import {digestOf} from '../../../protocol/block.ts';
import {parseRemotePath} from '../../../protocol/remote-path.ts';
import {files as answerFiles} from '../../../server/operations/files.ts';
import type {FileToLoad} from '../../../server/store/store.ts';
import {answerOf} from '../../fixtures/server/answer-of.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {patternedBytes, ServedFolder} from '../../fixtures/server/server-folder.ts';
import {json, kinds, type RawFrame} from '../../fixtures/server/server-raw-peer.ts';

const linux = process.platform === 'linux' ? false : 'only Linux has FIFOs and pins';

function packedIn(frames: readonly RawFrame[]) {
  return frames
    .filter(({kind}) => kind === kinds.files)
    .flatMap(({payload}) => decodePackedFiles(Buffer.from(payload)));
}

/** The bytes of each file, or its error code. */
function contentsOf(frames: readonly RawFrame[]): string[] {
  return packedIn(frames).map(file => (file.kind === 'file' ? file.bytes.toString() : file.code));
}

test('many small files arrive together, each with its digest, time and version', async () => {
  const content = Object.fromEntries(
    Array.from({length: 300}, (_, index) => [`d${index % 3}/f${index}`, patternedBytes(index * 7)]),
  );
  await using served = await ServedFolder.start(content);
  const peer = await served.peer();
  for (const algorithm of ['sha256', 'blake3'] as const) {
    const wanted = Object.entries(content).map(([path, {length}]) => [path, length]);
    const frames = await peer.ask(kinds.filesRequest, {files: wanted, algorithm});
    const packed = packedIn(frames);
    assert.equal(packed.length, 300);
    assert.deepEqual(json(frames.at(-1) ?? assert.fail()), {count: 300});
    for (const [index, bytes] of Object.values(content).entries()) {
      const file = packed[index];
      assert.ok(file?.kind === 'file' && file.bytes.equals(bytes), `file ${index}`);
      assert.deepEqual(file.digest, digestOf(algorithm, bytes));
    }

    const [stat] = await peer.ask(kinds.stat, {path: 'd1/f1'});
    const {version, mtimeMs} = json(stat ?? assert.fail());
    assert.partialDeepStrictEqual(packed[1], {version, mtimeMs});
  }
});

test('rows 18, 19: among many files, each that is not a plain file gets its error, and the others arrive', {
  skip: linux,
}, async () => {
  await using served = await ServedFolder.start({'d/a': 'a', 'd/b': 'bb', 'e/c': 'c', top: 'top'});
  writeFileSync(join(served.outside, 'secret'), 'secret');
  symlinkSync('../../secret', join(served.path, 'd/leaves'));
  symlinkSync('../e/c', join(served.path, 'd/stays'));
  symlinkSync('d', join(served.path, 'link'));
  mkdirSync(join(served.path, 'd/folder'));
  execFileSync('mkfifo', [join(served.path, 'd/fifo')]);
  const peer = await served.peer();
  const names = ['a', 'leaves', 'stays', 'b', 'folder', 'fifo', 'missing', 'x.jangada-part', 'a'];
  const sizes = [1, 6, 1, 2, 0, 0, 1, 1, 2];
  const expected = [
    ...['a', 'not_found', 'c', 'bb', 'not_a_file', 'not_a_file', 'not_found', 'forbidden'],
    'changed',
  ];
  const inFolder = (folder: string) => names.map((name, at) => [`${folder}/${name}`, sizes[at]]);
  const files = [...inFolder('d'), ['top', 3], ...inFolder('link'), ['none/a', 1], ['none/b', 1]];
  const frames = await peer.ask(kinds.filesRequest, {files});
  assert.deepEqual(contentsOf(frames), [...expected, 'top', ...expected, 'not_found', 'not_found']);
  assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
});

test('a request for files that breaks a limit is refused as a whole', async () => {
  await using served = await ServedFolder.start({a: 'a'});
  const peer = await served.peer();
  for (const files of [
    [],
    [['a', 65_537]],
    [['a', -1]],
    [['a', 0.5]],
    [['a']],
    [['../a', 1]],
    [['/a', 1]],
    Array.from({length: 1001}, () => ['a', 1]),
    'a',
    undefined,
  ]) {
    peer.request(kinds.filesRequest, {files});
    assert.equal(await peer.errorCode(), 'bad_request', JSON.stringify(files)?.slice(0, 50));
  }
});

test('the answer from a store that answers later is the same', async () => {
  const store = new MemoryStore();
  store.write('d/a', Buffer.from('one'));
  store.write('d/b', Buffer.from('two'));
  const [frame, end] = await answered(store, [
    ['d/b', 3],
    ['d/x', 3],
    ['d/a', 3],
  ]);
  assert.deepEqual(contentsOf(frame === undefined ? [] : [frame]), ['two', 'not_found', 'one']);
  assert.equal(end?.kind, kinds.end);
});

test('a frame has 64 files, or 128 KiB of them', async () => {
  for (const [size, count, expected] of [
    [100, 300, 5],
    [4096, 320, 10],
    [65_536, 5, 3],
    [0, 1000, 16],
  ] as const) {
    const store = new MemoryStore();
    store.write('file', Buffer.alloc(size));
    const frames = await answered(
      store,
      Array.from({length: count}, () => ['file', size]),
    );
    assert.equal(frames.filter(({kind}) => kind === kinds.files).length, expected, `${size} bytes`);
    assert.equal(packedIn(frames).length, count);
    assert.ok(frames.every(({payload}) => payload.length <= 262_144));
  }
});

/** The frames of the answer to a request for `wanted` files of a store. */
async function answered(
  store: MemoryStore,
  wanted: ReadonlyArray<readonly [string, number]>,
): Promise<RawFrame[]> {
  const files = wanted.map(([path, size]) => [parseRemotePath(path), size] satisfies FileToLoad);
  return (await answerOf(answerFiles, {files, algorithm: 'sha256'}, store)).frames;
}
