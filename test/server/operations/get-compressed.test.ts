import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {zstdDecompressSync} from 'node:zlib';
import {blockSize, digestOf, rootDigest} from '../../../protocol/block.ts';
import {patternedBytes, ServedFolder} from '../../fixtures/server/server-folder.ts';
import {json, kinds, type RawFrame} from '../../fixtures/server/server-raw-peer.ts';

const text = Buffer.alloc(
  3 * blockSize + 12_345,
  'A jangada leaves the beach before the sun is up. ',
);

/** The bytes of a block frame, compressed or not. This also checks their digest. */
function bytesOf({kind, payload}: RawFrame): Buffer {
  const bytes =
    kind === kinds.compressed ? zstdDecompressSync(payload.subarray(44)) : payload.subarray(40);
  if (kind === kinds.compressed) {
    assert.equal(payload.readUInt32BE(40), bytes.length);
  }

  assert.deepEqual(Buffer.from(payload.subarray(8, 40)), digestOf('sha256', bytes));
  return bytes;
}

function blocksIn(frames: readonly RawFrame[]): RawFrame[] {
  return frames.filter(({kind}) => kind === kinds.block || kind === kinds.compressed);
}

test('blocks of text are sent compressed if the client asks for it, with the digests of the uncompressed bytes', async () => {
  await using folder = await ServedFolder.start({text});
  const peer = await folder.peer();
  const frames = await peer.ask(kinds.get, {path: 'text', compress: ['zstd']});
  const blocks = blocksIn(frames);
  assert.deepEqual(
    blocks.map(({kind}) => kind),
    Array.from({length: 4}, () => kinds.compressed),
  );
  assert.ok(Buffer.concat(blocks.map(bytesOf)).equals(text));
  assert.ok(peer.received < text.length / 50, `${peer.received} bytes came`);
  const digests = blocks.map(({payload}) => payload.subarray(8, 40));
  const root = rootDigest('sha256', Buffer.concat(digests)).toString('hex');
  const {version} = json(frames[0] ?? assert.fail());
  assert.deepEqual(json(frames.at(-1) ?? assert.fail()), {version, root});
});

test('ranges are compressed, too, each block by itself', async () => {
  await using folder = await ServedFolder.start({text});
  const peer = await folder.peer();
  const ranges = [
    [0, blockSize],
    [3 * blockSize, 12_345],
  ];
  const frames = await peer.ask(kinds.get, {path: 'text', ranges, compress: ['zstd']});
  const [first, last] = blocksIn(frames).map(bytesOf);
  assert.ok(first?.equals(text.subarray(0, blockSize)));
  assert.ok(last?.equals(text.subarray(3 * blockSize)));
});

for (const [name, request] of [
  ['that does not ask for it', {}],
  ['that asks only for other methods', {compress: ['brotli', '__proto__']}],
  ['that names no method', {compress: []}],
] as const) {
  test(`a client ${name} gets uncompressed blocks`, async () => {
    await using folder = await ServedFolder.start({text});
    const peer = await folder.peer();
    const frames = await peer.ask(kinds.get, {path: 'text', ...request});
    assert.ok(blocksIn(frames).every(({kind}) => kind === kinds.block));
    assert.ok(Buffer.concat(blocksIn(frames).map(bytesOf)).equals(text));
  });
}

test('an unknown compression method beside a known one is ignored', async () => {
  await using folder = await ServedFolder.start({text});
  const peer = await folder.peer();
  const frames = await peer.ask(kinds.get, {path: 'text', compress: ['brotli', 'zstd']});
  assert.ok(blocksIn(frames).every(({kind}) => kind === kinds.compressed));
});

test('blocks that do not get smaller are sent uncompressed, between compressed ones', async () => {
  const mixed = Buffer.concat([
    patternedBytes(2 * blockSize),
    text.subarray(0, 2 * blockSize),
    patternedBytes(100, 7),
  ]);
  await using folder = await ServedFolder.start({mixed});
  const peer = await folder.peer();
  const blocks = blocksIn(await peer.ask(kinds.get, {path: 'mixed', compress: ['zstd']}));
  assert.ok(Buffer.concat(blocks.map(bytesOf)).equals(mixed));
  assert.deepEqual(new Set(blocks.map(({kind}) => kind)), new Set([kinds.block, kinds.compressed]));
});

for (const compress of ['zstd', [1], Array.from({length: 17}, () => 'zstd'), {}]) {
  test(`a bad request: compress ${JSON.stringify(compress)}`, async () => {
    await using folder = await ServedFolder.start({text});
    const peer = await folder.peer();
    const [error] = await peer.ask(kinds.get, {path: 'text', compress});
    assert.equal(json(error ?? assert.fail()).code, 'bad_request');
  });
}
