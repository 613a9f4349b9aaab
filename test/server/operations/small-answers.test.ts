/** Many small files in one answer: how they are read, and what the log gets of faults whose reason no client is told. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {decodePackedFiles} from '../../../protocol/batches/packed-files.ts';
import {blockSize} from '../../../protocol/block.ts';
import {files} from '../../../server/operations/files.ts';
import {roots} from '../../../server/operations/roots.ts';
import type {FileToLoad, LoadedFiles, StoredFile} from '../../../server/store/store.ts';
import {path} from '../../fixtures/harness.ts';
import {answerOf} from '../../fixtures/server/answer-of.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {json, kinds, type RawFrame} from '../../fixtures/server/server-raw-peer.ts';

/** Which files were read in one call, by their sizes; and it reads no more than `most` at once. */
class PortionedStore extends MemoryStore {
  readonly loads: number[][] = [];
  opened = 0;
  mostOpen = 0;
  most = Number.POSITIVE_INFINITY;

  override async load(files: readonly FileToLoad[]): Promise<LoadedFiles> {
    const some = files.slice(0, this.most);
    this.loads.push(some.map(([, size]) => size));
    return await super.load(some);
  }

  override async open(name: ReturnType<typeof path>): Promise<StoredFile> {
    const file = await super.open(name);
    this.mostOpen = Math.max(this.mostOpen, ++this.opened);
    return Object.assign(file, {
      close: () => {
        this.opened--;
      },
    });
  }
}

/** The kinds of the records in all `roots` frames: 0 an error, 1 without a root digest, 2 with it. */
function recordsIn(frames: readonly RawFrame[]): Array<{kind: number; size?: number}> {
  const bytes = Buffer.concat(frames.filter(f => f.kind === kinds.rootBytes).map(f => f.payload));
  const records: Array<{kind: number; size?: number}> = [];
  for (let at = 0; at < bytes.length; ) {
    const kind = bytes[at] ?? 0;
    if (kind === 0) {
      records.push({kind});
      at += 3 + bytes.readUInt16BE(at + 1);
    } else {
      records.push({kind, size: Number(bytes.readBigUInt64BE(at + 1))});
      at += 18 + (bytes[at + 17] ?? 0) + (kind === 2 ? 32 : 0);
    }
  }

  return records;
}

function storeOf(sizes: readonly number[]): PortionedStore {
  const store = new PortionedStore();
  for (const size of sizes) {
    store.write(`f${size}`, Buffer.alloc(size));
  }

  return store;
}

const questionsOf = (sizes: readonly number[]) =>
  sizes.map(size => [path(`f${size}`), size] as [ReturnType<typeof path>, number]);

for (const [what, sizes, loads] of [
  ['64 at once', Array.from({length: 65}, () => 1), [64, 1]],
  ['up to 128 KiB at once', [65_536, 65_536, 1], [2, 1]],
  ['up to a larger one, which is read by itself', [5, 65_537, 6, 7], [1, 2]],
] as const) {
  test(`the states of small files are read ${what}, and told in their order`, async () => {
    const store = storeOf(sizes);
    const {frames, exchange} = await answerOf(
      roots,
      {files: questionsOf(sizes), algorithm: 'sha256'},
      store,
    );
    assert.deepEqual(
      store.loads.map(({length}) => length),
      loads,
    );
    assert.deepEqual(
      recordsIn(frames),
      sizes.map(size => ({kind: 2, size})),
    );
    assert.deepEqual(json(frames.at(-1) ?? assert.fail()), {count: sizes.length});
    assert.equal(exchange.counts.digests.computed, sizes.filter(size => size > 65_536).length);
  });
}

test('files that a store has no time to read at once are read in further calls', async () => {
  const sizes = [3, 1, 4, 5, 9];
  const store = storeOf(sizes);
  store.most = 2;
  const wanted = questionsOf(sizes);
  const told = await answerOf(roots, {files: wanted, algorithm: 'sha256'}, store);
  assert.deepEqual(
    recordsIn(told.frames),
    sizes.map(size => ({kind: 2, size})),
  );
  assert.deepEqual(store.loads, [[3, 1], [4, 5], [9]]);
  const sent = await answerOf(files, {files: wanted, algorithm: 'sha256'}, store);
  const packed = sent.frames
    .filter(({kind}) => kind === kinds.files)
    .flatMap(({payload}) => decodePackedFiles(payload));
  assert.deepEqual(
    packed.map(file => file.kind === 'file' && file.bytes.length),
    sizes,
  );
});

test('two large files are open at once while they are hashed, no more, and none when they are told of', async () => {
  const sizes = [70_000, 70_001, 70_002, 70_003, 70_004];
  const store = new (class extends PortionedStore {
    override async open(name: ReturnType<typeof path>): Promise<StoredFile> {
      const file = await super.open(name);
      const {digests} = file;
      return Object.assign(file, {
        digests: async (...words: Parameters<typeof digests>) => {
          for (let round = 0; round < 5; round++) {
            await turn();
          }

          await digests.apply(file, words);
        },
      });
    }
  })();
  for (const size of sizes) {
    store.write(`f${size}`, Buffer.alloc(size));
  }

  const request = {files: questionsOf(sizes), algorithm: 'sha256'} as const;
  const {frames} = await answerOf(roots, request, store);
  assert.deepEqual(
    recordsIn(frames),
    sizes.map(size => ({kind: 2, size})),
  );
  assert.deepEqual([store.mostOpen, store.opened], [2, 0]);
});

test('a file of more than 4 TiB has its error in its place', async () => {
  const store = new (class extends MemoryStore {
    override async open(name: ReturnType<typeof path>): Promise<StoredFile> {
      return Object.assign(await super.open(name), {size: 4_194_305 * blockSize});
    }
  })();
  store.write('huge', Buffer.alloc(0));
  const wanted: Array<[ReturnType<typeof path>, number]> = [[path('huge'), 4_194_305 * blockSize]];
  const {frames} = await answerOf(roots, {files: wanted, algorithm: 'sha256'}, store);
  assert.match(String(frames[0]?.payload), /too_large.*up to 4 TiB/);
});

test('the log has the reason of a fault that clients are told only as internal', async () => {
  const store = new (class extends MemoryStore {
    override async load(files: readonly FileToLoad[]): Promise<LoadedFiles> {
      return {
        bytes: Buffer.alloc(0),
        files: files.map((_, index) => ({
          ...({kind: 'error', message: 'no'} as const),
          code: index === 1 ? ('internal' as const) : ('not_found' as const),
          cause: 'EIO\u001b',
        })),
      };
    }

    override async open(): Promise<StoredFile> {
      throw new Error('EIO: secret');
    }
  })();
  const wanted: Array<[ReturnType<typeof path>, number]> = [
    [path('a'), 1],
    [path('b\u001b'), 1],
  ];
  for (const [operation, msg] of [
    [files, 'a small file failed'],
    [roots, 'cannot tell the state of a file'],
  ] as const) {
    const {lines} = await answerOf(operation, {files: wanted, algorithm: 'sha256'}, store);
    assert.deepEqual(lines, [{level: 50, path: 'b\\x1b', cause: 'EIO\\x1b', msg}]);
  }

  const large: Array<[ReturnType<typeof path>, number]> = [[path('a'), 100_000]];
  const {frames, lines} = await answerOf(roots, {files: large, algorithm: 'sha256'}, store);
  assert.doesNotMatch(String(frames[0]?.payload), /secret/);
  assert.match(String(frames[0]?.payload), /"code":"internal"/);
  assert.match(String(lines[0]?.error), /EIO: secret/);
});
