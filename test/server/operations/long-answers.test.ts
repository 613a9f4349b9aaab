/** What a client is told while an answer takes long, and what of it the log gets. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import type {Unsearched} from '../../../protocol/messages.ts';
import {rootPath} from '../../../protocol/remote-path.ts';
import {digests} from '../../../server/operations/digests.ts';
import {find} from '../../../server/operations/find.ts';
import {hash} from '../../../server/operations/hash.ts';
import {type EntryFrame, EntryFrames} from '../../../server/store/entry-frames.ts';
import type {StoredFile} from '../../../server/store/store.ts';
import {defaultDeadlines} from '../../../server/waiting/deadlines.ts';
import {path, until} from '../../fixtures/harness.ts';
import {answerOf} from '../../fixtures/server/answer-of.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {json, kinds} from '../../fixtures/server/server-raw-peer.ts';

const deadlines = {...defaultDeadlines, progressMs: 1};

/** A store whose only file has any size, and does what the test says. */
function storeOf(size: number, own: Partial<StoredFile>): MemoryStore {
  return new (class extends MemoryStore {
    override async open(): Promise<StoredFile> {
      const store = new MemoryStore();
      store.write('file', Buffer.alloc(0));
      return Object.assign(await store.open(path('file')), {size, ...own});
    }
  })();
}

/** An output that the test can look at while the answer is running. */
function told(frames: Array<{kind: number; payload: Buffer}>) {
  return frames.filter(({kind}) => kind === kinds.progress).map(json);
}

test('while a file is hashed its client is told how many of how many bytes are done, and then what was hashed', async () => {
  const hold = Promise.withResolvers<void>();
  const store = storeOf(1000, {
    async hash(_question, {progress}) {
      progress(250);
      await hold.promise;
      return 'ab';
    },
  });
  const request = {path: path('file'), algorithm: 'sha256', length: 400} as const;
  const {answering, sent} = whileAnswered(hash, request, store);
  await until(() => sent() > 0);
  hold.resolve();
  const {frames} = await answering;
  assert.ok(told(frames).every(({done, total}) => done === 250 && total === 400));
  assert.deepEqual(json(frames.at(-1) ?? assert.fail()), {
    ...{digest: 'ab', length: 400, size: 1000, version: 'v2'},
  });
});

test('while digests are computed their client is told how many of how many blocks are done', async () => {
  const hold = Promise.withResolvers<void>();
  const store = storeOf(3 * blockSize, {
    async digests(_question, {computed}) {
      // Not the first one, which could be sent.
      computed(1, Buffer.alloc(32, 1));
      await hold.promise;
      computed(0, Buffer.alloc(32, 2));
      computed(2, Buffer.alloc(32, 3));
    },
  });
  const request = {path: path('file'), algorithm: 'sha256', from: 0} as const;
  const {answering, sent} = whileAnswered(digests, request, store);
  await until(() => sent() > 0);
  hold.resolve();
  const {exchange, frames} = await answering;
  assert.ok(told(frames).every(({done, total}) => done === 1 && total === 3));
  const bytes = frames.filter(({kind}) => kind === kinds.digestBytes).map(f => f.payload);
  assert.deepEqual(
    Buffer.concat(bytes),
    Buffer.concat([2, 1, 3].map(byte => Buffer.alloc(32, byte))),
  );
  assert.equal(exchange.counts.digests.computed, 3);
  assert.ok(json(frames.at(-1) ?? assert.fail()).root);
});

test('digests come 4,096 in a frame at most', async () => {
  const blocks = 2 * 4096 + 1;
  const store = storeOf(blocks * blockSize, {
    async digests({spans}, {computed}) {
      for (const {from, to} of spans) {
        computed(from, Buffer.alloc(32 * (to - from), 7));
      }
    },
  });
  const request = {path: path('file'), algorithm: 'sha256', from: 0} as const;
  const {frames} = await answerOf(digests, request, store);
  const lengths = frames.filter(({kind}) => kind === kinds.digestBytes).map(f => f.payload.length);
  assert.equal(Math.max(...lengths), 131_072);
  assert.equal(
    lengths.reduce((sum, length) => sum + length, 0),
    blocks * 32,
  );
});

test('a client that leaves while its digests are computed stops the computation', async () => {
  let stopped = false;
  const store = storeOf(3 * blockSize, {
    digests: (_question, {signal}) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(signal.reason);
        });
      }),
  });
  const request = {path: path('file'), algorithm: 'sha256', from: 0} as const;
  const output = {
    send() {
      throw new Error('left');
    },
  };
  // The operation only sends.
  const changes = {deadlines, output: output as never};
  const {error} = await answerOf(digests, request, store, changes);
  assert.ok(stopped);
  assert.ok(error instanceof Error);
});

/** A search that finds files of 10 bytes in frames of two, and could not read some places. */
class SearchedStore extends MemoryStore {
  readonly hold = Promise.withResolvers<void>();

  override async *find(): AsyncGenerator<EntryFrame, Unsearched, void> {
    for (const name of ['a', 'b']) {
      const frames = new EntryFrames();
      frames.add({name, type: 'file', size: 10, mtimeMs: 0});
      frames.add({name: `${name}/folder`, type: 'folder', size: 0, mtimeMs: 0});
      yield frames.rest() ?? assert.fail();
    }

    await this.hold.promise;
    const first = Array.from({length: 12}, (_, index) => ({
      ...{name: path(`closed${index}`), code: 'forbidden' as const},
    }));
    return {count: 1000, first};
  }
}

test('while nothing is found the client is told how many files were, and at the end what was left out', async () => {
  const store = new SearchedStore();
  const request = {path: rootPath, masks: ['**'], folders: true};
  const {answering, sent} = whileAnswered(find, request, store);
  await until(() => sent() > 2);
  store.hold.resolve();
  const {frames, lines} = await answering;
  assert.ok(told(frames).length > 0);
  assert.ok(told(frames).every(({done}) => done === 2));
  const end = json(frames.at(-1) ?? assert.fail()) as {
    unsearched: {count: number; first: object[]};
  };
  assert.partialDeepStrictEqual(end, {count: 2, bytes: 20, unsearched: {count: 1000}});
  assert.equal(end.unsearched.first.length, 12);
  const [line] = lines;
  assert.deepEqual([line?.level, line?.path, line?.count], [40, '', 1000]);
  assert.deepEqual(
    line?.first,
    Array.from({length: 10}, (_, index) => `closed${index}: forbidden`),
  );
});

/** Answer a request with signs of life each millisecond; `sent` says how many frames there are so far. */
function whileAnswered<Request>(
  operation: Parameters<typeof answerOf<Request>>[0],
  request: Request,
  store: MemoryStore,
) {
  let count = 0;
  const counting: typeof operation = (request, exchange) => {
    const {output} = exchange;
    const send = output.send.bind(output);
    output.send = (...words) => {
      count++;
      return send(...words);
    };
    return operation(request, exchange);
  };
  return {answering: answerOf(counting, request, store, {deadlines}), sent: () => count};
}
