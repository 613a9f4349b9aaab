/** Files that change between their opening and the end of the answer. */
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {blockCount, blockSize, digestOf} from '../../../protocol/block.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import {startServer} from '../../../server/server.ts';
import type {StoredFile} from '../../../server/store/store.ts';
import {ChangingStore, type Moment} from '../../fixtures/server/changing-store.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {makeOld, patternedBytes, ServedFolder} from '../../fixtures/server/server-folder.ts';
import {
  blockOf,
  json,
  kinds,
  type RawFrame,
  RawPeer,
} from '../../fixtures/server/server-raw-peer.ts';

type Change = {make(file: string): void; isGone?: true};

const changes: Readonly<Record<string, Change>> = {
  grows: {make: file => appendFileSync(file, 'more')},
  'is cut': {make: file => truncateSync(file, readFileSync(file).length - 5)},
  'is emptied': {make: file => truncateSync(file, 0)},
  'is rewritten and keeps its size': {
    make(file) {
      const fd = openSync(file, 'r+');
      writeSync(fd, 'other', 3);
      closeSync(fd);
    },
  },
  'is replaced by one with its size and time': {
    make(file) {
      writeFileSync(`${file}.new`, patternedBytes(readFileSync(file).length, 9));
      makeOld(`${file}.new`);
      renameSync(`${file}.new`, file);
    },
  },
  'is deleted': {make: file => rmSync(file), isGone: true},
};

type Question = {
  kind: number;
  size: number;
  /** Whether the answer is about this content. */
  isAnswerFor(frames: readonly RawFrame[], bytes: Buffer): boolean;
};

const blocksTell: Question['isAnswerFor'] = (frames, bytes) =>
  Buffer.concat(
    frames.filter(({kind}) => kind === kinds.block).map(frame => blockOf(frame).bytes),
  ).equals(bytes);

const questions: Readonly<Record<string, Question>> = {
  'a small file that is sent': {kind: kinds.get, size: 5000, isAnswerFor: blocksTell},
  'a large file that is sent': {kind: kinds.get, size: 2 * blockSize + 9, isAnswerFor: blocksTell},
  'a file whose digests are computed': {
    kind: kinds.digests,
    size: 2 * blockSize + 9,
    isAnswerFor: (frames, bytes) =>
      Buffer.concat(
        frames.filter(({kind}) => kind === kinds.digestBytes).map(({payload}) => payload),
      ).equals(digestsOf(bytes)),
  },
  'a file that is hashed': {
    kind: kinds.hash,
    size: 2 * blockSize + 9,
    isAnswerFor: (frames, bytes) =>
      json(frames.at(-1) ?? assert.fail()).digest ===
      createHash('sha256').update(bytes).digest('hex'),
  },
};

for (const [what, {kind, size, isAnswerFor}] of Object.entries(questions)) {
  suite(`the answer about ${what} ends with changed, and the next one is right`, () => {
    for (const [how, {make, isGone}] of Object.entries(changes)) {
      for (const moment of ['before', 'after'] as const) {
        test(`if the file ${how} just ${moment} its bytes are read`, async t => {
          const {peer, store, file} = await startChanging(t, moment, size);
          store.changeOnce(() => make(file));
          const answer = await peer.ask(kind, {path: 'old'});
          assert.ok(store.hasChanged);
          assert.equal(json(answer.at(-1) ?? assert.fail()).code, 'changed');
          const next = await peer.ask(kind, {path: 'old'});
          if (isGone) {
            assert.equal(json(next.at(-1) ?? assert.fail()).code, 'not_found');
          } else {
            assert.ok(isAnswerFor(next, readFileSync(file)));
          }
        });
      }
    }
  });
}

/** A store whose `read` reports one byte less than the size, without an error. */
class ShortStore extends MemoryStore {
  override async open(path: RemotePath): Promise<StoredFile> {
    const file = await super.open(path);
    const read = file.read.bind(file);
    return Object.assign(file, {
      read: async (into: Buffer, position: number) => (await read(into, position)) - 1,
    });
  }
}

test('a file that is shorter than its size is not filled up with other bytes', async t => {
  const store = new ShortStore();
  store.write('small', patternedBytes(5000));
  store.write('large', patternedBytes(2 * blockSize));
  const server = await startServer({root: store, port: 0});
  t.after(() => server.close({graceMs: 0}));
  using peer = await RawPeer.greeted(server);
  for (const path of ['small', 'large']) {
    const answer = await peer.ask(kinds.get, {path});
    assert.equal(json(answer.at(-1) ?? assert.fail()).code, 'changed');
    assert.ok(answer.every(frame => frame.kind !== kinds.block));
  }
});

/** A store that rewrites a file after all of its bytes were read for digests or a hash. */
class RewrittenStore extends MemoryStore {
  override async open(path: RemotePath): Promise<StoredFile> {
    const file = await super.open(path);
    const {digests, hash} = file;
    return Object.assign(file, {
      digests: async (...args: Parameters<typeof digests>) => {
        await digests.apply(file, args);
        this.write(path, patternedBytes(file.size, 9));
      },
      hash: async (...args: Parameters<typeof hash>) => {
        const digest = await hash.apply(file, args);
        this.write(path, patternedBytes(file.size, 9));
        return digest;
      },
    });
  }
}

test('a change is noticed also if the store reports it only after the last byte', async t => {
  const root = new RewrittenStore();
  root.write('file', patternedBytes(2 * blockSize));
  const server = await startServer({root, port: 0});
  t.after(() => server.close({graceMs: 0}));
  using peer = await RawPeer.greeted(server);
  for (const kind of [kinds.digests, kinds.hash]) {
    peer.request(kind, {path: 'file'});
    assert.equal(await peer.errorCode(), 'changed');
  }
});

/** A server of one file, `old`, with `size` bytes and a time long past. */
async function startChanging(t: TestContext, moment: Moment, size: number) {
  const folder = await ServedFolder.start({old: patternedBytes(size)});
  const store = new ChangingStore(folder.path, moment);
  const server = await startServer({root: store, port: 0});
  const peer = await RawPeer.greeted(server);
  t.after(async () => {
    peer.socket.destroy();
    await server.close({graceMs: 0});
    await store.close();
    await folder[Symbol.asyncDispose]();
  });
  return {peer, store, file: join(folder.path, 'old')};
}

function digestsOf(bytes: Buffer): Buffer {
  return Buffer.concat(
    Array.from({length: blockCount(bytes.length)}, (_, block) =>
      digestOf('sha256', bytes.subarray(block * blockSize, (block + 1) * blockSize)),
    ),
  );
}
