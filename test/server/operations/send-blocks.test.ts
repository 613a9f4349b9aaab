import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {test} from 'node:test';
import {pino} from 'pino';
import {blockSize, digestOf} from '../../../protocol/block.ts';
import {parseRemotePath} from '../../../protocol/remote-path.ts';
import {DigestIndex} from '../../../server/indexes/digest-index.ts';
import type {FileDigests} from '../../../server/indexes/file-digests.ts';
import {PatientShelf} from '../../../server/indexes/patient-shelf.ts';
import type {Exchange} from '../../../server/operations/exchange.ts';
import {sendBlocks} from '../../../server/operations/send-blocks.ts';
import type {StoredFile} from '../../../server/store/store.ts';
import {answerOf} from '../../fixtures/server/answer-of.ts';
import {exchangeOn} from '../../fixtures/server/exchange-on.ts';
import {MemoryShelf} from '../../fixtures/server/memory-shelf.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {patternedBytes} from '../../fixtures/server/server-folder.ts';

test('after a client has left, the memory of all of its blocks is free again, also of blocks read ahead', async t => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => listener.close());
  // The address of a listener on a TCP port has this type.
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => client.destroy());
  const [socket] = (await once(listener, 'connection')) as [Socket];
  const store = new MemoryStore();
  const path = parseRemotePath('file');
  store.write(path, patternedBytes(8 * blockSize));
  const file = await store.open(path);
  const exchange = exchangeOn(socket, store);
  const {blocks, digests} = exchange;
  socket.destroy();
  const spans = [{from: 0, to: 8}];
  const known = digests.for(file, 'sha256');
  await assert.rejects(sendBlocks({path, file, spans, known}, exchange), {code: 'aborted'});
  const free = [blocks.take(), blocks.take(), blocks.take(), blocks.take()];
  assert.ok(free.every(buffer => buffer !== undefined));
});

/** A store of one file, and the memory for blocks after it was sent. */
async function sent(change: (file: StoredFile) => void, changes: Partial<Exchange> = {}) {
  const store = new MemoryStore();
  const name = parseRemotePath('file');
  store.write(name, patternedBytes(8 * blockSize));
  const file = await store.open(name);
  change(file);
  const {error, exchange, frames, lines} = await answerOf(
    (known: FileDigests, exchange) =>
      sendBlocks({path: name, file, spans: [{from: 0, to: 8}], known}, exchange),
    new DigestIndex().for(file, 'sha256'),
    store,
    changes,
  );
  const {blocks} = exchange;
  const free = [blocks.take(), blocks.take(), blocks.take(), blocks.take()];
  return {error, frames, lines, free: free.filter(buffer => buffer !== undefined).length};
}

for (const [what, code, change] of [
  ['cannot be read', 'EIO', () => Promise.reject(Object.assign(new Error(), {code: 'EIO'}))],
  ['has become shorter', 'changed', async () => 5],
] as const) {
  test(`the memory of all blocks is free again after a file that ${what} half-way`, async () => {
    const {error, frames, free} = await sent(file => {
      const read = file.read.bind(file);
      file.read = (into, position) => (position < 3 * blockSize ? read(into, position) : change());
    });
    assert.equal((error as {code?: string}).code, code);
    assert.equal(frames.length, 3);
    assert.equal(free, 4);
  });
}

test('the memory of all blocks is free again after a file that was replaced half-way', async () => {
  let looks = 0;
  const {error, frames, free} = await sent(file => {
    file.unchanged = async () => ++looks <= 3;
  });
  assert.equal((error as {code?: string}).code, 'changed');
  assert.deepEqual([frames.length, free], [3, 4]);
});

test('an answer that is broken off sends no block that it has read already, and frees its memory', async () => {
  const stop = new AbortController();
  const {error, frames, free} = await sent(
    file => {
      const read = file.read.bind(file);
      file.read = (into, position) => {
        if (position === 3 * blockSize) {
          stop.abort();
        }

        return read(into, position);
      };
    },
    {signal: stop.signal},
  );
  assert.equal((error as {code?: string}).code, 'aborted');
  // The third block is in memory while the fourth one is read.
  assert.deepEqual([frames.length, free], [2, 4]);
});

test('a digest of a shelf that is wrong is replaced by that of the bytes, and the log says so', async () => {
  const store = new MemoryStore();
  const name = parseRemotePath('file\u001b');
  const bytes = patternedBytes(2 * blockSize);
  store.write(name, bytes);
  const file = await store.open(name);
  const shelf = new MemoryShelf();
  const wrong = Buffer.concat([digestOf('sha256', bytes.subarray(0, blockSize)), Buffer.alloc(32)]);
  const place = {path: file.path, state: file.state ?? '', algorithm: 'sha256'} as const;
  await shelf.save({...place, size: file.size} as never, 0, [{first: 0, digests: wrong}]);
  const patient = new PatientShelf(shelf, pino({level: 'silent'}), 1000);
  const known = new DigestIndex({shelf: patient}).for(file, 'sha256');
  await known.recall(0);
  assert.equal(known.count, 2, 'they come from the shelf');
  const {exchange, frames, lines} = await answerOf(
    (known: FileDigests, exchange) =>
      sendBlocks({path: name, file, spans: [{from: 0, to: 2}], known}, exchange),
    known,
    store,
  );
  const right = digestOf('sha256', bytes.subarray(blockSize));
  assert.deepEqual(frames[1] && Buffer.from(frames[1].payload.subarray(8, 40)), right);
  const msg = 'a remembered digest was wrong: replaced';
  assert.deepEqual(lines, [{level: 40, path: 'file\\x1b', block: 1, msg}]);
  assert.deepEqual(exchange.counts.digests, {known: 0, computed: 2});
  assert.deepEqual(known.getOwn(1), right);
});
