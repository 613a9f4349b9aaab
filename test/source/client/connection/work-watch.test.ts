import assert from 'node:assert/strict';
import type {Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {rootPath} from '../../../../protocol/remote-path.ts';
import {ask} from '../../../../source/client/ask.ts';
import {WorkWatch} from '../../../../source/client/connection/work-watch.ts';
import {streamEntries} from '../../../../source/client/early/stream-entries.ts';
import {Pool} from '../../../../source/client/pool.ts';
import {path} from '../../../fixtures/harness.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';

const minuteMs = 60_000;

/** A server that reports progress once a minute of a made-up clock, without end. */
async function startIdler(t: TestContext, frameOf: (minute: number) => Buffer) {
  let minute = 0;
  let requests = 0;
  const address = await startHostileServer(t, socket => {
    requests++;
    const more = () => {
      if (!socket.destroyed) {
        minute++;
        socket.write(frameOf(minute), () => setImmediate(more));
      }
    };
    more();
  });
  const nowMs = () => minute * minuteMs;
  const pool = new Pool(address, {
    ...{size: 1, retries: 3, retryFirst: false},
    clock: {nowMs, wallMs: nowMs},
    silenceTimeoutMs: 1e9,
  });
  t.after(() => pool.close());
  return {pool, minutes: () => minute, requests: () => requests};
}

const isGivenUp = (error: unknown) =>
  isJangadaError(error, 'protocol') && /half an hour/.test(error.message);

for (const name of ['list', 'find'] as const) {
  test(`${name}: endless progress without entries is given up after half an hour, and not tried again`, async t => {
    const {pool, minutes, requests} = await startIdler(t, () =>
      encodeAnswer('progress', {done: 7}),
    );
    const entries = streamEntries(
      pool,
      name === 'find'
        ? {name, body: {path: rootPath, masks: ['**']}}
        : {name, body: {path: rootPath}},
    );
    await assert.rejects(async () => {
      for await (const _ of entries) {
        assert.fail('nothing is found');
      }
    }, isGivenUp);
    assert.ok(minutes() >= 30);
    assert.equal(requests(), 1);
  });
}

test('work that makes progress may take any time: entries that arrive, and bytes that are hashed', () => {
  let nowMs = 0;
  const watch = new WorkWatch(() => nowMs);
  for (let hour = 1; hour < 100; hour++) {
    nowMs += 29 * minuteMs;
    watch.progress({done: 0});
    watch.news();
  }

  for (let done = 1; done <= 100; done++) {
    nowMs += 59 * minuteMs;
    watch.progress({done, total: 100});
  }

  nowMs += 30 * minuteMs;
  assert.throws(() => watch.progress({done: 100, total: 100}), isGivenUp);
});

test('the progress of a request does not depend on an earlier request', () => {
  let nowMs = 0;
  const watch = new WorkWatch(() => nowMs);
  watch.progress({done: 1000, total: 1000});
  watch.news();
  for (let done = 1; done <= 4; done++) {
    nowMs += 20 * minuteMs;
    watch.progress({done, total: 4});
  }
});

test('a server that claims to have hashed more bytes than the file has makes no progress', async t => {
  const {pool} = await startIdler(t, minute =>
    encodeAnswer('progress', {done: 100 + minute, total: 100}),
  );
  const connection = await pool.acquire();
  const body = {path: path('a'), algorithm: 'sha256'} as const;
  await assert.rejects(ask(connection, 'hash', body, 'hashed', {}), isGivenUp);
});

test('the server is not to blame if the caller takes half an hour for received entries', async t => {
  let nowMs = 0;
  const sockets: Socket[] = [];
  const entries = encodeFrame(frameKinds.entries, '{"entries":[]}');
  // Enough batches that the client stops reading until some are taken.
  const address = await startHostileServer(t, socket => {
    sockets.push(socket);
    socket.write(Buffer.concat(Array.from({length: 8}, () => entries)));
  });
  const clock = {nowMs: () => nowMs, wallMs: () => nowMs};
  const pool = new Pool(address, {
    ...{size: 1, retries: 0, retryFirst: false, clock},
    silenceTimeoutMs: 1e9,
  });
  t.after(() => pool.close());
  const batches = streamEntries(pool, {name: 'find', body: {path: rootPath, masks: ['**']}});
  await batches.next();
  await new Promise<void>(written => {
    const end = encodeAnswer('end', {count: 0, bytes: 0});
    sockets[0]?.write(Buffer.concat([encodeAnswer('progress', {done: 0}), end]), () => written());
  });
  nowMs = 31 * minuteMs;
  let taken = 1;
  for await (const _ of batches) {
    taken++;
  }

  assert.equal(taken, 8);
});
