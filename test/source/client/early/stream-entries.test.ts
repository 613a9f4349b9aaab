import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {rootPath} from '../../../../protocol/remote-path.ts';
import {defaultMostEntries, streamEntries} from '../../../../source/client/early/stream-entries.ts';
import {Pool} from '../../../../source/client/pool.ts';
import {until} from '../../../fixtures/harness.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';

test('an endless listing is given up with a sentence, and its connection is closed', async t => {
  let isClosed = false;
  const address = await startHostileServer(t, socket => {
    let number = 0;
    socket.on('close', () => {
      isClosed = true;
    });
    const more = () => {
      const entries = Array.from({length: 100}, () => ({
        name: `file-${number++}`,
        type: 'file',
        size: 0,
        mtimeMs: 0,
      }));
      if (!socket.destroyed) {
        socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})), () =>
          setImmediate(more),
        );
      }
    };
    more();
  });
  const pool = new Pool(address, {size: 1, retries: 3, retryFirst: false});
  t.after(() => pool.close());
  let count = 0;
  await assert.rejects(
    async () => {
      for await (const entries of streamEntries(
        pool,
        {name: 'list', body: {path: rootPath}},
        {mostEntries: 2500},
      )) {
        count += entries.length;
      }
    },
    (error: unknown) =>
      isJangadaError(error, 'too_large') && /more than 2,500 entries/.test(error.message),
  );
  assert.ok(count <= 2500);
  // The listing is not requested again, whatever the number of retries.
  const connection = pool.acquire();
  await (await connection).close();
  await until(() => isClosed);
});

test('a slow reader keeps the server waiting, and gets all entries', async t => {
  const entries = [{name: 'a', type: 'file' as const, size: 0, mtimeMs: 0}];
  const address = await startHostileServer(t, socket => {
    for (let batch = 0; batch < 40; batch++) {
      socket.write(encodeAnswer('entries', {entries}));
    }

    socket.write(encodeAnswer('end', {count: 40}));
  });
  const pool = new Pool(address, {size: 1, retries: 0, retryFirst: false});
  t.after(() => pool.close());
  const connection = await pool.acquire();
  const pause = t.mock.method(connection, 'pause');
  const unpause = t.mock.method(connection, 'unpause');
  pool.release(connection);
  unpause.mock.resetCalls();
  let count = 0;
  for await (const batch of streamEntries(pool, {name: 'list', body: {path: rootPath}})) {
    if (count === 0) {
      await until(() => pause.mock.callCount() > 0, 20_000);
      assert.equal(connection.closed, false);
    }

    count += batch.length;
  }

  assert.equal(count, 40);
  assert.ok(unpause.mock.callCount() > 0);
});

test('a listing whose connection is lost before its first entry is requested once more than the retries say', async t => {
  let requests = 0;
  const address = await startHostileServer(t, socket => {
    requests++;
    // After many requests the server answers, so that the test ends.
    socket.end(requests > 10 ? encodeAnswer('end', {count: 0}) : '');
  });
  const pool = new Pool(address, {size: 1, retries: 1, retryFirst: false});
  t.after(() => pool.close());
  await assert.rejects(
    Array.fromAsync(streamEntries(pool, {name: 'list', body: {path: rootPath}})),
    (error: unknown) => isJangadaError(error, 'connection_lost'),
  );
  assert.equal(requests, 3);
});

const batch = encodeAnswer('entries', {
  entries: [{name: 'a', type: 'file', size: 0, mtimeMs: 0}],
});

test('a listing whose connection is lost after the first entries ends with an error, and no entry comes twice', async t => {
  let requests = 0;
  const address = await startHostileServer(t, socket => {
    requests++;
    socket.end(batch);
  });
  const pool = new Pool(address, {size: 1, retries: 3, retryFirst: false});
  t.after(() => pool.close());
  let count = 0;
  await assert.rejects(
    async () => {
      for await (const entries of streamEntries(pool, {name: 'list', body: {path: rootPath}})) {
        count += entries.length;
      }
    },
    {code: 'connection_lost'},
  );
  assert.deepEqual([requests, count], [1, 1]);
});

test('as many entries as are allowed come, and the last frame is passed on before the end', async t => {
  const unsearched = {count: 1, first: [{name: 'x', code: 'forbidden' as const}]};
  const address = await startHostileServer(t, socket => {
    const end = encodeAnswer('end', {count: 2, unsearched});
    const progress = encodeAnswer('progress', {done: 1});
    socket.write(Buffer.concat([batch, progress, batch, end]));
  });
  const pool = new Pool(address, {size: 1, retries: 0, retryFirst: false});
  t.after(() => pool.close());
  const ends: unknown[] = [];
  const options = {mostEntries: 2, onEnd: (end: unknown) => ends.push(end)};
  const batches = await Array.fromAsync(
    streamEntries(pool, {name: 'find', body: {path: rootPath, masks: ['**']}}, options),
  );
  assert.equal(batches.flat().length, 2);
  assert.deepEqual(ends, [{count: 2, unsearched}]);
});

test('a frame of another request in a listing breaks the protocol', async t => {
  const address = await startHostileServer(t, socket => socket.write(encodeAnswer('pong', {})));
  const pool = new Pool(address, {size: 1, retries: 0, retryFirst: false});
  t.after(() => pool.close());
  await assert.rejects(
    Array.fromAsync(streamEntries(pool, {name: 'list', body: {path: rootPath}})),
    {
      code: 'protocol',
      message: /answered list with a frame of another request/,
    },
  );
});

test('a server that cannot search for folders is not asked to, and the error says what it needs', async t => {
  let requests = 0;
  const address = await startHostileServer(t, socket => {
    requests++;
    socket.write(encodeAnswer('end', {count: 0}));
  });
  const pool = new Pool(address, {size: 1, retries: 3, retryFirst: false});
  t.after(() => pool.close());
  const body = {path: rootPath, masks: ['**'], folders: true};
  await assert.rejects(
    Array.fromAsync(streamEntries(pool, {name: 'find', body}, {needs: 'find-folders'})),
    {
      code: 'unsupported',
      message:
        'The server (hostile) cannot search for folders: it needs a newer version of jangada-server',
    },
  );
  assert.equal(requests, 0);
});

test('the limit is the one that the pages name', () => {
  const limit = defaultMostEntries.toLocaleString('en');
  for (const page of ['protocol.md', 'commands.md']) {
    const text = readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), 'utf8');
    assert.ok(text.includes(`more than ${limit} entries`), page);
  }
});
