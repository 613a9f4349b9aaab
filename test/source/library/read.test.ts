import assert from 'node:assert/strict';
import {Readable} from 'node:stream';
import {type TestContext, test} from 'node:test';
import {setTimeout} from 'node:timers/promises';
import {blockSize} from '../../../protocol/block.ts';
import {type ErrorCode, isJangadaError} from '../../../protocol/errors.ts';
import {frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {formatAddress, read, readBytes} from '../../../source/index.ts';
import {noise, until} from '../../fixtures/harness.ts';
import {startMetered} from '../../fixtures/metered.ts';
import {blockFrame, startHostileServer} from '../../fixtures/server/hostile-server.ts';
import {rootOf, startOtherContent} from '../../fixtures/server/other-content.ts';

const content = noise(3 * blockSize + 100);

const failsWith =
  (code: ErrorCode, message = /./) =>
  (error: unknown) =>
    isJangadaError(error, code) && message.test(error.message);

async function startServing(t: TestContext, bytes = content) {
  const metered = await startMetered(t);
  metered.serve('a', bytes);
  const blocks = () => [...(metered.meter.take().whole.get('a')?.keys() ?? [])].sort(ascending);
  return {...metered, blocks, remote: `${metered.address}/a`};
}

/** The state of the file that the hostile server reports. */
const about = {size: content.length, mtimeMs: 1000, version: 'v1'};

const ascending = (one: number, other: number) => one - other;

test('a range has its bytes and no others, wherever it begins and ends', async t => {
  const {remote, blocks} = await startServing(t);
  const ranges: Array<[offset: number, length: number | undefined, blocks: number[]]> = [
    [0, undefined, [0, 1, 2, 3]],
    [0, 1, [0]],
    [blockSize - 1, 2, [0, 1]],
    [blockSize, blockSize, [1]],
    [blockSize + 1, 2 * blockSize, [1, 2, 3]],
    [content.length - 1, undefined, [3]],
    [content.length - 5, 1000, [3]],
    [content.length, undefined, []],
    [content.length + 5, 7, []],
    [5, 0, []],
  ];
  for (const [offset, length, asked] of ranges) {
    const bytes = await readBytes(remote, {offset, length});
    const end = length === undefined ? content.length : offset + length;
    assert.ok(Buffer.from(bytes).equals(content.subarray(offset, end)), `${offset} ${length}`);
    assert.deepEqual(blocks(), asked, `${offset} ${length}`);
  }
});

test('a stream gives the same bytes, in parts of at most a block, and ends by itself', async t => {
  const {remote, proxy} = await startServing(t);
  const parts: Uint8Array[] = [];
  for await (const part of read(remote, {offset: 7})) {
    parts.push(part);
  }

  assert.deepEqual(
    parts.map(({length}) => length),
    [blockSize - 7, blockSize, blockSize, 100],
  );
  assert.ok(Buffer.concat(parts).equals(content.subarray(7)));
  await until(() => proxy.links.length === 0);
});

test('the result is a standard stream: for responses, and for streams of Node', async t => {
  const {remote} = await startServing(t);
  const body = await new Response(read(remote, {length: 10})).bytes();
  assert.deepEqual(Buffer.from(body), content.subarray(0, 10));
  const parts = await Readable.fromWeb(read(remote, {length: 10})).toArray();
  assert.deepEqual(Buffer.concat(parts), content.subarray(0, 10));
});

test('a slow read of a big file requests only a few blocks ahead', async t => {
  const big = noise(40 * blockSize);
  const {client, meter} = await startServing(t, big);
  const fetched = () => [...(meter.take().whole.get('a')?.keys() ?? [])].length;
  const reader = read('a', {server: client}).getReader();
  await client.ping();
  assert.equal(fetched(), 0, 'nothing is asked for before the first read');
  let all = 0;
  for (let taken = 1; taken <= 40; taken++) {
    const {value} = await reader.read();
    assert.ok(
      Buffer.from(value ?? []).equals(big.subarray((taken - 1) * blockSize, taken * blockSize)),
    );
    if (taken % 4 === 0) {
      // Wait until the read has requested as far ahead as it may.
      const ahead = Math.min(40 - taken, 8);
      await until(() => {
        all += fetched();
        return all >= taken + Math.min(ahead, 5);
      });
      await client.ping();
      all += fetched();
      assert.ok(all <= taken + 8, `${all} blocks have come when ${taken} are taken`);
    }
  }

  assert.equal((await reader.read()).done, true);
  assert.equal(all + fetched(), 40, 'each block comes once');
});

test('streams that nobody reads from hold no connection, so other calls can use it', async t => {
  const {client} = await startServing(t, noise(40 * blockSize));
  client.connections = 1;
  const readers = Array.from({length: 6}, () => read('a', {server: client}).getReader());
  for (const reader of readers) {
    assert.equal((await reader.read()).value?.length, blockSize);
  }

  assert.ok((await client.ping()) > 0);
  await Promise.all(readers.map(reader => reader.cancel()));
});

test('a stream can be canceled while a silent server owes it an answer', async t => {
  let closed = 0;
  const asked: number[] = [];
  const address = await startHostileServer(
    t,
    (socket, {kind}) => {
      asked.push(kind);
      if (kind === frameKinds.stat) {
        socket.write(encodeAnswer('entry', {name: 'a', type: 'file', ...about}));
      }
    },
    [],
    socket => socket.on('close', () => closed++),
  );
  const reader = read(`${formatAddress(address)}/a`).getReader();
  const pending = reader.read();
  await until(() => asked.includes(frameKinds.get));
  await reader.cancel();
  assert.deepEqual(await pending, {done: true, value: undefined});
  await until(() => closed === 1);
});

test("a canceled stream closes its own connection, and leaves the caller's client open", async t => {
  const {remote, client, proxy} = await startServing(t, noise(30 * blockSize));
  const stream = read(remote);
  const reader = stream.getReader();
  await reader.read();
  assert.equal(proxy.links.length, 1);
  const pending = reader.read();
  await reader.cancel();
  await pending;
  await until(() => proxy.links.length === 0);

  for await (const _part of read('a', {server: client})) {
    break;
  }

  assert.ok((await client.ping()) > 0);
});

test('an aborted read fails with `aborted`, at any time', async t => {
  const {remote, proxy} = await startServing(t);
  const early = AbortSignal.abort();
  await assert.rejects(readBytes(remote, {signal: early}), failsWith('aborted'));
  const stop = new AbortController();
  const reader = read(remote, {signal: stop.signal}).getReader();
  await reader.read();
  stop.abort();
  await assert.rejects(async () => {
    for (let more = true; more; ) {
      more = !(await reader.read()).done;
    }
  }, failsWith('aborted'));
  await until(() => proxy.links.length === 0);
});

test('an aborted stream closes its connection without another read, and fails at its next read', async t => {
  const {remote, proxy, meter} = await startServing(t);
  const stop = new AbortController();
  const reader = read(remote, {signal: stop.signal}).getReader();
  await reader.read();
  // All bytes have arrived, and the connection is no longer in use.
  await until(() => meter.blockBytes >= content.length);
  await setTimeout(100);
  assert.equal(proxy.links.length, 1);
  stop.abort();
  await until(() => proxy.links.length === 0);
  await assert.rejects(reader.read(), failsWith('aborted'));
});

test('a read continues with the next block over a new connection when its connection is lost', async t => {
  const big = noise(30 * blockSize);
  const {remote, proxy, meter} = await startServing(t, big);
  const parts: Uint8Array[] = [];
  for await (const part of read(remote)) {
    parts.push(part);
    if (parts.length === 10) {
      for (const link of proxy.links) {
        proxy.cut(link, 'reset');
      }
    }
  }

  assert.ok(Buffer.concat(parts).equals(big));
  const fetched = meter.take().whole.get('a')?.values() ?? [];
  assert.ok([...fetched].reduce((sum, times) => sum + times, 0) <= 30 + 8);
});

test('a block with a flipped byte is an error before the caller gets any byte of it', async t => {
  const address = await startHostileServer(t, (socket, {kind, body}) => {
    if (kind === frameKinds.stat) {
      socket.write(encodeAnswer('entry', {name: 'a', type: 'file', ...about}));
    } else if (kind === frameKinds.get) {
      const {ranges} = body as {ranges: Array<[number, number]>};
      socket.write(encodeAnswer('file', about));
      for (const [offset, length] of ranges) {
        for (let at = offset; at < offset + length; at += blockSize) {
          const block = Buffer.from(content.subarray(at, at + blockSize));
          const frame = blockFrame(at, block);
          if (at === 2 * blockSize) {
            frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1;
          }

          socket.write(frame);
        }
      }

      socket.write(encodeAnswer('end', {}));
    }
  });
  const parts: Uint8Array[] = [];
  await assert.rejects(async () => {
    for await (const part of read(`${formatAddress(address)}/a`, {offset: blockSize - 3})) {
      parts.push(part);
    }
  }, failsWith('digest_mismatch'));
  assert.ok(Buffer.concat(parts).equals(content.subarray(blockSize - 3, 2 * blockSize)));
});

test('with an expected root digest, the caller gets no byte from a server that lies', async t => {
  const expect = rootOf(content);
  const honest = await startOtherContent(t, content);
  const bytes = await readBytes(`${honest.address}/a`, {expect, offset: 5, length: blockSize});
  assert.ok(Buffer.from(bytes).equals(content.subarray(5, 5 + blockSize)));

  const other = noise(content.length, 9);
  const lies = [
    await startOtherContent(t, other),
    await startOtherContent(t, other, {listed: content}),
  ];
  for (const {address} of lies) {
    const parts: Uint8Array[] = [];
    await assert.rejects(async () => {
      for await (const part of read(`${address}/a`, {expect})) {
        parts.push(part);
      }
    }, failsWith('unexpected'));
    assert.deepEqual(parts, []);
  }
});

test('a file that changes during a read is an error, and versions are not mixed', async t => {
  const big = noise(20 * blockSize);
  const {remote, serve} = await startServing(t, big);
  const parts: Uint8Array[] = [];
  await assert.rejects(async () => {
    for await (const part of read(remote)) {
      parts.push(part);
      if (parts.length === 1) {
        serve('a', noise(20 * blockSize + 1, 2));
      }
    }
  }, failsWith('changed'));
  assert.ok(Buffer.concat(parts).equals(big.subarray(0, parts.length * blockSize)));
});

test('errors about wrong arguments say what to write', async t => {
  const {remote, address, serve} = await startServing(t);
  serve('folder/x', '');
  for (const [options, message] of [
    [{offset: -1}, /Invalid offset -1/],
    [{offset: 0.5}, /Invalid offset 0\.5/],
    [{length: Number.NaN}, /Invalid length NaN/],
    [{expect: `sha256:${'0'.repeat(64)}`}, /root:ALGORITHM:HEX/],
  ] as const) {
    await assert.rejects(readBytes(remote, options), failsWith('usage', message));
    await assert.rejects(read(remote, options).getReader().read(), failsWith('usage', message));
  }

  await assert.rejects(readBytes('a'), failsWith('usage', /has no server/));
  await assert.rejects(readBytes('folder', {server: address}), failsWith('not_a_file'));
  await assert.rejects(readBytes('none', {server: address}), failsWith('not_found'));
});
