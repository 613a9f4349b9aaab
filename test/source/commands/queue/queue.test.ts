import assert from 'node:assert/strict';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {noise, path, startHarness, temporaryFolder, treeOf} from '../../../fixtures/harness.ts';
import {runIn, startPlace, states} from './queue-place.ts';

test('a run fetches the added files; files of masks keep their folders, and single files keep their names', async t => {
  const {serve, server, target, queueCommand, list} = await startPlace(t);
  serve('a/b.jpg', noise(2_500_000));
  serve('a/c.txt', 'x');
  serve('deep/er/d', 'yy');
  const added = await queueCommand(
    ...['add', 'a/*.jpg', 'deep/er/d', '-s', server.address, '-o', target],
  );
  assert.equal(added.status, 0, added.stderr);
  assert.match(added.stdout, /^2 files, 2\.5 MB queued \(ID 1-2\)\n$/);
  assert.equal(existsSync(target), false);
  const ran = await queueCommand('run');
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stderr, '');
  const lines = ran.stdout.trimEnd().split('\n');
  assert.match(lines.pop() ?? '', /^2 files, 2\.5 MB verified in /);
  assert.deepEqual(lines.sort(), ['a/b.jpg  2.5 MB  verified', 'deep/er/d  2 B  verified']);
  assert.deepEqual([...treeOf(target).keys()].sort(), ['a/b.jpg', 'd']);
  assert.deepEqual(states(await list()).sort(), ['a/b.jpg done', 'deep/er/d done']);
});

test('a worker that does not answer is reported, and nothing is said about transfers that may change later', async t => {
  const {serve, server, state, queueCommand, add} = await startPlace(t);
  serve('a', 'x');
  const [{id = 0} = {}] = await add('a');
  const store = new QueueStore(join(state, 'queue.db'));
  t.after(() => store[Symbol.dispose]());
  const {host, port} = parseAddress(server.address);
  using lease = store.lease(`${host}:${port}`);
  lease.take();
  const ran = await Promise.all([
    queueCommand('pause', 'all'),
    queueCommand('pause', String(id)),
    queueCommand('cancel', String(id)),
  ]);
  for (const {status, stdout, stderr} of ran) {
    assert.deepEqual([status, stdout], [0, '']);
    assert.match(stderr, /^jangada: process \d+, which works on the queue, does not answer\./);
  }

  assert.equal(store.wishes.open(`${host}:${port}`).length, 3);
});

test('commands can apply to all of 150,000 transfers at once', async t => {
  const {target, state, queueCommand} = await startPlace(t);
  const store = new QueueStore(join(state, 'queue.db'));
  store.add(
    '127.0.0.1:1',
    Array.from({length: 150_000}, (_, index) => ({
      remotePath: path(`f${index}`),
      folder: target,
      localPath: `f${index}`,
      onConflict: 'resume' as const,
    })),
  );
  store[Symbol.dispose]();
  const {status, stdout} = await queueCommand('pause', 'all');
  assert.deepEqual([status, stdout], [0, '150000 transfers paused\n']);
});

test('a list has a line for each transfer of every server, or of a given server', async t => {
  const {serve, server, target, queueCommand, add, list} = await startPlace(t);
  serve('a', noise(3_000_000));
  serve('e\u001b', '');
  const other = await startHarness(t);
  other.serve('b', 'bb');
  assert.deepEqual(await queueCommand('list'), {
    status: 0,
    stdout: '',
    stderr: 'Nothing is in the queue\n',
  });
  assert.deepEqual(await list(), []);
  await add('a', 'e\u001b');
  await queueCommand('add', 'b', '-s', other.server.address, '-o', target);
  const all = await queueCommand('list');
  assert.equal(all.stdout.split('\n').length, 4);
  const own = await queueCommand('list', '-s', server.address);
  assert.equal(
    own.stdout,
    `    1  queued      0 %     3 MB  ${server.address}  a -> ${target}/a\n` +
      `    2  queued      0 %      0 B  ${server.address}  e\\x1b -> ${target}/e\\x1b\n`,
  );
  assert.deepEqual(await list('-s', other.server.address), [
    {
      id: 3,
      server: other.server.address,
      state: 'queued',
      priority: 'normal',
      path: 'b',
      target: join(target, 'b'),
      size: 2,
      receivedBytes: 0,
      verifiedBytes: 0,
      reusedBytes: 0,
      onConflict: 'resume',
    },
  ]);
});

test('files that cannot be added are reported, the others are queued, and nothing is queued twice', async t => {
  const {serve, server, target, queueCommand, add, list} = await startPlace(t);
  for (const name of ['a/x', 'b/x', 'c']) {
    serve(name, name);
  }

  const words = ['-s', server.address, '-o', target];
  const ran = await queueCommand('add', 'a/x', 'b/x', 'c', 'gone', 'a', ...words);
  assert.equal(ran.status, 1);
  assert.match(ran.stdout, /^2 files, .* queued/);
  const errors = ran.stderr.trimEnd().split('\n').sort();
  assert.equal(errors.length, 3);
  assert.match(errors[0] ?? '', /^jangada: .*gone/);
  assert.match(
    errors[1] ?? '',
    /^jangada: a: it is a folder\. .*: jangada queue add --server .* --to .* 'a\/\*\*'$/,
  );
  assert.match(errors[2] ?? '', /^jangada: b\/x: another file is saved under the same name$/);
  const again = await queueCommand('add', 'c', 'a/x', ...words);
  assert.deepEqual(again, {
    status: 0,
    stdout: '0 files, 0 B queued; 2 queued already\n',
    stderr: '',
  });
  const other = await queueCommand('add', 'b/x', ...words);
  assert.equal(other.status, 1);
  assert.match(other.stderr, /b\/x: another transfer in the queue saves to that name/);
  const nothing = await queueCommand('add', 'z*', ...words);
  assert.equal(nothing.status, 1);
  assert.match(nothing.stderr, /Nothing matches 'z\*'/);
  assert.deepEqual(states(await list()), ['a/x queued', 'c queued']);
  await queueCommand('run');
  // The transfer is done, so adding the file again queues it again.
  assert.equal((await add('c')).length, 1);
});

test('an existing file is treated by the policy of its queue entry', async t => {
  const {serve, target, add, queueCommand, list} = await startPlace(t);
  mkdirSync(target);
  for (const name of ['overwrite', 'rename', 'skip', 'resume']) {
    serve(name, 'new');
    writeFileSync(join(target, name), 'old');
    await add(name, '--on-conflict', name);
  }

  const ran = await queueCommand('run');
  assert.equal(ran.status, 0, ran.stderr);
  const tree = treeOf(target);
  assert.deepEqual(
    ['overwrite', 'rename', 'rename (2)', 'skip', 'resume'].map(name => String(tree.get(name))),
    ['new', 'old', 'new', 'old', 'new'],
  );
  assert.deepEqual(
    (await list()).map(({outcome}) => outcome),
    ['verified', 'verified', 'skipped', 'verified'],
  );
});

test('limits are shown and set, each by itself', async t => {
  const {queueCommand} = await startPlace(t);
  const said = async (...words: string[]) => {
    const {status, stdout, stderr} = await queueCommand('limits', ...words);
    assert.deepEqual([status, stderr], [0, '']);
    return stdout;
  };
  assert.equal(await said(), '4 files at once, 4 connections for a large one, no limit of speed\n');
  assert.equal(
    await said('--limit', '500k', '--connections', '1'),
    '4 files at once, 1 connection for a large one, 500 kB/s\n',
  );
  assert.equal(
    await said('--files', '8', '--json'),
    '{"event":"end","outcome":"success","code":null,"status":0,"files":8,"connectionsPerFile":1,"bytesPerSecond":500000}\n',
  );
  assert.equal(
    await said('--limit', 'none', '--json'),
    '{"event":"end","outcome":"success","code":null,"status":0,"files":8,"connectionsPerFile":1,"bytesPerSecond":null}\n',
  );
  assert.match(await said(), /^8 files at once, 1 connection .* no limit/);
});

test('wrong words are wrong usage, before anything is changed or connected', async t => {
  const {queueCommand} = await startPlace(t);
  for (const [words, message] of [
    [['pause', 'al'], /Invalid transfer ID 'al'/],
    [['pause', 'all', '3'], /Invalid transfer ID 'all'/],
    [['retry', 'all'], /Invalid transfer ID 'all'/],
    [['cancel', '-1'], /Invalid transfer ID '-1'/],
    [['move', '1', 'up'], /Invalid number of places 'up'/],
    [
      ['priority', '12', 'high'],
      /Invalid priority '12'\. Use high, normal, low, and the IDs behind it/,
    ],
    [['priority', 'high', '12', 'all'], /Invalid transfer ID 'all'/],
    [['add', '../a'], /'\.\.\/a' is refused/],
    [['add', 'a', '!b'], /'!b' only excludes\. Write '\*\*' '!b'/],
  ] as const) {
    const ran = await queueCommand(...words);
    assert.deepEqual([ran.status, ran.stdout], [2, ''], words.join(' '));
    assert.match(ran.stderr, message);
  }
});

test('a queue that cannot be opened is reported', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  for (const words of [['list'], ['run'], ['pause', 'all']]) {
    const ran = await runIn(join(folder, 'file'), words);
    assert.equal(ran.status, 1);
    assert.match(ran.stderr, /^jangada: jangada cannot open the queue: .*\n$/);
  }
});

test('if the worker does not answer, a command says so, and its request is stored for the worker', async t => {
  const {serve, server, state, add, queueCommand, list} = await startPlace(t);
  serve('a', 'a');
  await add('a');
  using store = new QueueStore(join(state, 'queue.db'));
  const {host, port} = parseAddress(server.address);
  using lease = store.lease(`${host}:${port}`);
  assert.equal(lease.take(), true);
  const [plain, json] = await Promise.all([
    queueCommand('pause', '1'),
    queueCommand('pause', '1', '--json'),
  ]);
  assert.deepEqual([plain.status, plain.stdout], [0, '']);
  assert.match(plain.stderr, /does not answer\. The request is saved/);
  assert.deepEqual(
    [json.status, json.stdout],
    [0, `{"event":"end","outcome":"success","code":null,"status":0,"ids":[],"pending":true}\n`],
  );
  assert.deepEqual(states(await list()), ['a queued']);
  lease[Symbol.dispose]();
  const ran = await queueCommand('run');
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(states(await list()), ['a paused']);
});
