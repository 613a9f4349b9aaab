import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {type ErrorCode, isJangadaError} from '../../../protocol/errors.ts';
import {frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {formatAddress, Queue, type QueueEvent, type QueueOptions} from '../../../source/index.ts';
import {noise, startHarness, treeOf, until} from '../../fixtures/harness.ts';
import {stateOfItsOwn} from '../../fixtures/own-state.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';

stateOfItsOwn();

const failsWith =
  (code: ErrorCode, message = /./) =>
  (error: unknown) =>
    isJangadaError(error, code) && message.test(error.message);

async function startServing(t: TestContext, options: {limit?: number} = {}) {
  const harness = await startHarness(t, {server: options});
  const {address} = harness.server;
  return {
    ...harness,
    address,
    folder: harness.target,
    open: (more: Partial<QueueOptions> = {}) => new Queue({server: address, ...more}),
  };
}

/** The events up to the first `idle`. */
async function untilIdle(queue: Queue): Promise<QueueEvent[]> {
  const events: QueueEvent[] = [];
  for await (const event of queue.events()) {
    events.push(event);
    if (event.type === 'idle') {
      break;
    }
  }

  return events;
}

/** The types of the events of one transfer. Equal types in a row count once. */
function kindsOf(events: readonly QueueEvent[], id: number): string[] {
  const own = events.filter(event => 'transfer' in event && event.transfer.id === id);
  return own.map(({type}) => type).filter((type, at, all) => type !== all[at - 1]);
}

test('the first event of each transfer is `added`, the last one its end, and `idle` follows all of them', async t => {
  const {open, serve, folder} = await startServing(t, {limit: 4 * blockSize});
  serve('big', noise(3 * blockSize));
  serve('small', 'small');
  await using queue = open();
  const [big = 0, small = 0, none = 0] = queue.add([
    {remotePath: 'big', folder},
    {remotePath: 'small', folder, size: 5},
    {remotePath: 'none', folder},
  ]);
  const events = await untilIdle(queue);
  assert.deepEqual(kindsOf(events, big), ['added', 'progress', 'done']);
  assert.deepEqual(
    [kindsOf(events, small).at(0), kindsOf(events, small).at(-1)],
    ['added', 'done'],
  );
  assert.deepEqual(
    [kindsOf(events, none).at(0), kindsOf(events, none).at(-1)],
    ['added', 'failed'],
  );
  assert.equal(events.filter(({type}) => type === 'done').length, 2);
  assert.equal(events.filter(({type}) => type === 'idle').length, 1);
  const failed = events.find(event => event.type === 'failed');
  assert.ok(failed?.type === 'failed' && isJangadaError(failed.error, 'not_found'));
  assert.equal(failed.transfer.state.code, 'not_found');
  assert.deepEqual([...treeOf(folder).keys()].sort(), ['big', 'small']);
});

test('a slow reader gets every end once, and no old progress', async t => {
  const {open, serve, folder} = await startServing(t);
  const names = Array.from({length: 200}, (_, index) => `file-${index}`);
  for (const name of names) {
    serve(name, name);
  }

  await using queue = open();
  const events = queue.events();
  const first = events.next();
  queue.add(names.map(remotePath => ({remotePath, folder, size: remotePath.length})));
  await first;
  await queue.idle();
  const kinds: string[] = [];
  for await (const {type} of events) {
    kinds.push(type);
    if (type === 'idle' && kinds.length > 1) {
      break;
    }
  }

  const count = (wanted: string) => kinds.filter(type => type === wanted).length;
  assert.equal(count('done'), 200);
  assert.ok(count('progress') <= 200);
});

test('idle follows the last end, and an end is reported once, whatever then happens to the row', async t => {
  const {open, serve, folder} = await startServing(t);
  serve('a', 'a');
  await using queue = open();
  const told = new Map<number, string[]>();
  let rounds = 0;
  for await (const event of queue.events()) {
    if ('transfer' in event) {
      const {id} = event.transfer;
      told.set(id, [...(told.get(id) ?? []), event.type]);
    } else if (event.type === 'idle') {
      for (const kinds of told.values()) {
        assert.equal(kinds.at(-1), 'done');
        assert.equal(kinds.filter(type => type === 'done').length, 1);
      }

      if (++rounds > 20) {
        break;
      }

      queue.add([{remotePath: 'a', folder, localPath: `a-${rounds}`, size: 1}]);
      // A settled row changes, too.
      queue.move(queue.slice(0)[0]?.id ?? 0, 1);
    }
  }

  assert.equal(told.size, 20);
});

test('each end is one event, also if a retry ends in the same way before the reader looks', {
  timeout: 60_000,
}, async t => {
  const {open, folder} = await startServing(t);
  await using queue = open();
  queue.add([{remotePath: 'missing', folder}]);
  const told: string[] = [];
  for await (const {type} of queue.events()) {
    told.push(type);
    if (type === 'idle') {
      const rounds = told.filter(kind => kind === 'idle').length;
      if (rounds === 4) {
        break;
      }

      queue.retryFailed();
      // The reader looks only when all is over.
      await queue.idle();
    }
  }

  const ends = told.filter(type => type === 'failed' || type === 'idle');
  assert.deepEqual(ends, Array.from({length: 4}, () => ['failed', 'idle']).flat());
});

test('several readers get the same events, and end when the queue closes', async t => {
  const {open, serve, folder} = await startServing(t);
  serve('a', 'a');
  const queue = open();
  const read = async () => {
    const kinds = new Set<string>();
    for await (const {type} of queue.events()) {
      kinds.add(type);
    }

    return kinds;
  };
  const readers = [read(), read()];
  queue.add([{remotePath: 'a', folder}]);
  await queue.idle();
  await queue[Symbol.asyncDispose]();
  for (const kinds of await Promise.all(readers)) {
    assert.ok(kinds.has('added') && kinds.has('done'), [...kinds].join());
  }
});

test('a reader that is busy with an event while the queue closes ends at its next event', async t => {
  const {open, serve, folder} = await startServing(t);
  const content = noise(32 * blockSize);
  serve('a', content);
  // Closing takes a while, because the client is hashing the blocks of the partial file.
  mkdirSync(folder, {recursive: true});
  writeFileSync(join(folder, 'a.jangada-part'), content.subarray(0, 31 * blockSize));
  const queue = open();
  const [id = 0] = queue.add([{remotePath: 'a', folder}]);
  const busy = Promise.withResolvers<void>();
  const kinds: string[] = [];
  const reading = (async () => {
    for await (const {type} of queue.events()) {
      kinds.push(type);
      await busy.promise;
    }
  })();
  await until(() => queue.transfer(id)?.state.name === 'checking');
  const closing = queue[Symbol.asyncDispose]();
  busy.resolve();
  await Promise.all([closing, reading]);
  assert.equal(queue.totals().queued, 1);
});

test('waiting for idle fails if the queue closes before it is idle', async t => {
  const {open, serve, folder} = await startServing(t, {limit: blockSize / 4});
  serve('a', noise(4 * blockSize));
  const queue = open();
  queue.add([{remotePath: 'a', folder}]);
  const waiting = assert.rejects(queue.idle(), failsWith('aborted'));
  await queue[Symbol.asyncDispose]();
  await waiting;
  await assert.rejects(queue.idle(), failsWith('aborted', /closed/));
  const empty = open();
  await empty[Symbol.asyncDispose]();
  await empty.idle();
});

test('actions of the user are reported: pause, cancel, clear', async t => {
  const {open, serve, folder} = await startServing(t, {limit: blockSize / 4});
  serve('a', noise(2 * blockSize));
  serve('b', noise(2 * blockSize));
  await using queue = open({files: 1});
  const [a = 0, b = 0] = queue.add([
    {remotePath: 'a', folder},
    {remotePath: 'b', folder},
  ]);
  const events: QueueEvent[] = [];
  for await (const event of queue.events()) {
    events.push(event);
    if (event.type === 'progress' && event.transfer.id === a && events.length < 10) {
      queue.pause(a);
      queue.cancel(b);
    } else if (event.type === 'idle') {
      if (queue.totals().canceled === 0) {
        break;
      }

      assert.deepEqual(queue.clearSettled(), [b]);
    }
  }

  assert.equal(kindsOf(events, a).at(-1), 'paused');
  assert.equal(kindsOf(events, b).at(-1), 'canceled');
  assert.ok(events.some(event => event.type === 'removed' && event.id === b));
});

test('a second queue with the same folder controls the first one, and gets its events in the same order', async t => {
  const {open, serve, folder, root} = await startServing(t);
  serve('a', 'a');
  const stateFolder = join(root, '../state');
  await using worker = open({stateFolder});
  await using companion = open({stateFolder});
  for (let round = 0; round < 5; round++) {
    const [id = 0] = companion.add([{remotePath: 'a', folder, localPath: `a-${round}`}]);
    const kinds = kindsOf(await untilIdle(companion), id);
    assert.deepEqual([kinds.at(0), kinds.at(-1)], ['added', 'done']);
  }

  assert.deepEqual([worker.totals().done, worker.totals().worker], [5, undefined]);
  assert.equal(companion.totals().worker?.pid, process.pid);
});

test('waiting for events or for idle ends when it is aborted, and the transfers go on', async t => {
  const {open, serve, folder} = await startServing(t, {limit: blockSize / 4});
  serve('a', noise(4 * blockSize));
  await using queue = open();
  queue.add([{remotePath: 'a', folder}]);
  const stop = new AbortController();
  const why = new Error('why');
  const idle = queue.idle({signal: stop.signal});
  const reading = (async () => {
    for await (const event of queue.events({signal: stop.signal})) {
      if (event.type === 'progress') {
        stop.abort(why);
      }
    }
  })();
  await assert.rejects(idle, error => isJangadaError(error, 'aborted') && error.cause === why);
  await assert.rejects(reading, failsWith('aborted'));
  assert.equal(queue.totals().active, 1, 'the transfer goes on');
  await assert.rejects(queue.idle({signal: AbortSignal.abort()}), failsWith('aborted'));
});

test('files that match masks are added as they are found, below the folder of the address', async t => {
  const {address, serve, folder} = await startServing(t);
  for (const name of ['sub/a.jpg', 'sub/x/b.jpg', 'sub/x/c.txt', 'other/d.jpg']) {
    serve(name, name);
  }

  await using queue = new Queue({server: `${address}/sub`});
  const {ids, refused, unsearched} = await queue.addMatching(['**/*.jpg'], {folder});
  await queue.idle();
  assert.deepEqual([ids.length, refused, unsearched], [2, [], []]);
  assert.deepEqual([...treeOf(folder).keys()].sort(), ['a.jpg', 'x/b.jpg']);
  await queue.addMatching(['*.txt'], {folder, path: 'x'});
  await queue.idle();
  assert.equal(readFileSync(join(folder, 'c.txt'), 'utf8'), 'sub/x/c.txt');
  for (const name of ['sub/[ab]/a', 'sub/a/b', 'sub/b/c']) {
    serve(name, name);
  }

  // A folder that looks like a mask, as on the command line.
  assert.equal((await queue.addMatching(['[ab]/*'], {folder})).ids.length, 1);
  await queue.idle();
  assert.equal(existsSync(join(folder, '[ab]/a')), true);
  await assert.rejects(queue.addMatching(['{a,b}'.repeat(20)], {folder}), failsWith('bad_mask'));
  await assert.rejects(queue.addMatching(['*'], {folder, path: '../x'}), failsWith('bad_request'));
});

test('bad names from a hostile server are refused by name, and the other files are added', async t => {
  const names = ['../x', '/x', 'good', 'good', 'no.match', ''];
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.find) {
      const entries = names.map(name => ({name, type: 'file' as const, size: 5, mtimeMs: 1}));
      socket.write(Buffer.concat([encodeAnswer('entries', {entries}), encodeAnswer('end', {})]));
    } else {
      socket.write(encodeAnswer('error', {code: 'not_found', message: 'It is gone'}));
    }
  });
  const {folder} = await startServing(t);
  await using queue = new Queue({server: formatAddress(address)});
  const {ids, refused} = await queue.addMatching(['{good,*x,}'], {folder});
  assert.deepEqual(
    ids.map(id => queue.transfer(id)?.remotePath),
    ['good'],
  );
  assert.deepEqual(
    refused.map(({name}) => name),
    ['../x', '/x', 'good', 'no.match', ''],
  );
});

test('a kept queue continues with what is left, and does not report again what was done', async t => {
  const {open, serve, folder, root} = await startServing(t, {limit: 2 * blockSize});
  serve('a', 'a');
  serve('b', noise(4 * blockSize));
  const stateFolder = join(root, '../state/of/it');
  let done = 0;
  {
    await using queue = open({stateFolder});
    assert.equal(queue.isKept, true);
    queue.add([
      {remotePath: 'a', folder},
      {remotePath: 'b', folder},
    ]);
    for await (const event of queue.events()) {
      if (event.type === 'done') {
        done = event.transfer.id;
      } else if (
        done !== 0 &&
        event.type === 'progress' &&
        event.transfer.verifiedBytes >= blockSize
      ) {
        break;
      }
    }
  }

  await using queue = open({stateFolder});
  const events = await untilIdle(queue);
  assert.deepEqual(kindsOf(events, done), ['added']);
  const other = queue.snapshot().rows.find(({id}) => id !== done);
  assert.equal(kindsOf(events, other?.id ?? 0).at(-1), 'done');
  assert.ok((other?.reusedBytes ?? 0) >= blockSize, 'blocks of the first time stay');
  assert.deepEqual([...treeOf(folder).keys()].sort(), ['a', 'b']);
  const expect = `sha256:${'0'.repeat(64)}`;
  assert.throws(() => queue.add([{remotePath: 'a', folder, expect}]), failsWith('unsupported'));
});

test('if the server is gone, waiting ends with its error, and the transfers stay queued', async t => {
  const {open, serve, folder, root, server} = await startServing(t);
  serve('a', 'a');
  const stateFolder = join(root, '../state');
  {
    await using queue = open({stateFolder});
    await server.close({graceMs: 0});
    queue.add([{remotePath: 'a', folder}]);
    const reading = untilIdle(queue);
    await assert.rejects(queue.idle(), failsWith('unreachable'));
    await assert.rejects(reading, failsWith('unreachable'));
    assert.equal(queue.totals().queued, 1);
    await assert.rejects(queue.idle(), failsWith('unreachable'), 'later, too');
  }

  await using again = open({stateFolder});
  await until(() => again.totals().total === 1);
  assert.equal(again.slice(0)[0]?.state.name, 'queued');
});

test('an existing file is compared by default, and kept', async t => {
  const {open, serve, folder} = await startServing(t);
  serve('a', 'right');
  mkdirSync(folder, {recursive: true});
  writeFileSync(join(folder, 'a'), 'right');
  await using queue = open();
  const [id = 0] = queue.add([{remotePath: 'a', folder}]);
  await queue.idle();
  const {state, reusedBytes} = queue.transfer(id) ?? {};
  assert.deepEqual([state, reusedBytes], [{name: 'done', outcome: 'verified'}, 5]);
});

test('errors about wrong options say what to write, and nothing is opened', async t => {
  const {address, root} = await startServing(t);
  const stateFolder = join(root, '../state');
  for (const [options, code, message] of [
    [{files: 0}, 'usage', /from 1 to 16/],
    [{connections: 1.5}, 'usage', /from 1 to 16/],
    [{bytesPerSecond: 0}, 'usage', /at least 1/],
    [{server: 'jangada://'}, 'usage', /no valid host and port/],
  ] as const) {
    assert.throws(
      () => new Queue({server: address, stateFolder, ...options}),
      failsWith(code, message),
    );
  }

  assert.equal(existsSync(stateFolder), false);
  writeFileSync(join(root, 'file'), '');
  const inFile = join(root, 'file');
  assert.throws(
    () => new Queue({server: address, stateFolder: inFile}),
    failsWith('unsafe_target'),
  );
  rmSync(inFile);
  await using queue = new Queue({server: address});
  const wrong = [{remotePath: '../x', folder: '.'}];
  assert.throws(() => queue.add(wrong), failsWith('bad_request'));
  assert.equal(queue.totals().total, 0);
});
