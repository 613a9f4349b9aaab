import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {parseArguments} from '../../../../source/commands/arguments/parse.ts';
import {runCommand} from '../../../../source/commands/run-command.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import type {Queue} from '../../../../source/transfers/queue/queue.ts';
import {freePort} from '../../../fixtures/free-port.ts';
import {
  type Harness,
  noise,
  path,
  startHarness,
  temporaryFolder,
  treeOf,
  until,
} from '../../../fixtures/harness.ts';
import {openQueueClient} from '../../../fixtures/queue/queue-client.ts';
import {saveAs} from '../../../fixtures/queue/stored.ts';
import {Captured, type Ran, start, typed} from '../run.ts';

type Listed = {
  id: number;
  server: string;
  state: string;
  path: string;
  target: string;
  [field: string]: unknown;
};

type Place = Harness & {
  state: string;
  /** `jangada queue WORDS`, with a queue of this test alone. */
  queueCommand(...words: string[]): Promise<Ran>;
  add(...words: string[]): Promise<Listed[]>;
  list(...words: string[]): Promise<Listed[]>;
  /** A full-screen client, as far as the queue is concerned. */
  openClient(): Queue;
};

async function startPlace(t: TestContext, limit?: number): Promise<Place> {
  const server = limit === undefined ? {} : {server: {limit}};
  const harness = await startHarness(t, server);
  const state = temporaryFolder(t);
  const queueCommand = (...words: string[]) => runIn(state, words);
  const json = async (...words: string[]) => {
    const ran = await queueCommand(...words, '--json');
    assert.equal(ran.status, 0, ran.stderr);
    return JSON.parse(ran.stdout) as Listed[];
  };
  return {
    ...harness,
    state,
    queueCommand,
    add: (...words) => json('add', ...words, '-s', harness.server.address, '-o', harness.target),
    list: (...words) => json('list', ...words),
    openClient: () =>
      openQueueClient(t, join(state, 'queue.db'), harness.server.address, {retries: 3}).queue,
  };
}

/** `jangada queue WORDS` in this process, with the queue in the folder `state`. */
async function runIn(state: string, words: readonly string[]): Promise<Ran> {
  const invocation = parseArguments(['queue', ...words], {});
  if (invocation.do !== 'run' || invocation.command === 'open') {
    throw new Error('not a plain command');
  }

  const stdout = new Captured();
  const stderr = new Captured();
  const status = await runCommand(invocation.command, invocation.inputs, invocation.options, {
    stdin: typed(),
    stdout,
    stderr,
    environment: {JANGADA_STATE: state},
  });
  return {status, stdout: stdout.text, stderr: stderr.text};
}

const nothing = 'Nothing in the queue waits to be fetched\n';

const states = (rows: readonly Listed[]) => rows.map(row => `${row.path} ${row.state}`);

test('what is added is fetched by a run, folders of masks kept, files under their own name', async t => {
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

test('a worker that does not answer is named, and nothing is said of transfers that may obey later', async t => {
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

test('all of 150,000 transfers can be told at once', async t => {
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

test('a list has a line for each transfer of every server, or of the one that is named', async t => {
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
      verifiedBytes: 0,
      reusedBytes: 0,
      onConflict: 'resume',
    },
  ]);
});

test('what cannot be added is named, the rest is queued, and nothing twice', async t => {
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
  assert.match(errors[1] ?? '', /^jangada: a: it is a folder\. .*queue add 'a\/\*\*'$/);
  assert.match(errors[2] ?? '', /^jangada: b\/x: another file would be saved under its name$/);
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
  // It is done: whoever adds it again wants to have it looked at again.
  assert.equal((await add('c')).length, 1);
});

test('a file that exists is dealt with as was said when it was queued', async t => {
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

test('paused, canceled and failed transfers wait for a word, and get it by id or all at once', async t => {
  const {serve, root, target, add, queueCommand, list} = await startPlace(t);
  for (const name of ['a', 'b', 'c', 'd']) {
    serve(name, name);
  }

  await add('a', 'b', 'c', 'd');
  assert.equal((await queueCommand('pause', '1', '2')).stdout, '2 transfers paused\n');
  assert.equal((await queueCommand('cancel', '3', '--json')).stdout, '{"ids":[3]}\n');
  mkdirSync(join(target, 'd'), {recursive: true});
  const ran = await queueCommand('run');
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^jangada: d: /);
  assert.match(ran.stdout, /; 1 failed\nfailed {2}d: .*\n$/);
  assert.deepEqual(states(await list()), ['a paused', 'b paused', 'c canceled', 'd failed']);
  assert.match((await queueCommand('list')).stdout, /d -> .*\/d {2}\(.+\)\n/);

  const wrong = await queueCommand('resume', '1', '3', '99');
  assert.equal(wrong.status, 1);
  assert.equal(wrong.stdout, '1 transfer resumed\n');
  assert.match(wrong.stderr, /^jangada: Transfer 3 is canceled, and cannot be resumed\n/);
  assert.match(wrong.stderr, /\njangada: There is no transfer 99 in the queue\./);
  assert.equal((await queueCommand('pause', 'all')).stdout, '1 transfer paused\n');
  assert.deepEqual(await queueCommand('pause', '1'), {
    status: 0,
    stdout: '0 transfers paused\n',
    stderr: '',
  });
  assert.equal((await queueCommand('resume', 'all')).stdout, '2 transfers resumed\n');
  assert.equal((await queueCommand('retry', 'failed')).stdout, '1 transfer queued again\n');
  assert.equal((await queueCommand('retry', '3')).stdout, '1 transfer queued again\n');
  assert.equal((await queueCommand('cancel', '4')).stdout, '1 transfer canceled\n');
  const rest = await queueCommand('run');
  assert.equal(rest.status, 0, rest.stderr);
  assert.deepEqual(states(await list()), ['a done', 'b done', 'c done', 'd canceled']);
  const tree = treeOf(root);
  tree.delete('d');
  assert.deepEqual(treeOf(target), tree);
  assert.equal((await queueCommand('clear')).stdout, '4 transfers cleared\n');
  assert.deepEqual(await list(), []);
});

test('all is all of one server if one is named', async t => {
  const {serve, target, add, queueCommand, list} = await startPlace(t);
  serve('a', 'a');
  const other = await startHarness(t);
  other.serve('b', 'b');
  await add('a');
  await queueCommand('add', 'b', '-s', other.server.address, '-o', target);
  const ran = await queueCommand('pause', 'all', '-s', other.server.address);
  assert.equal(ran.stdout, '1 transfer paused\n');
  assert.equal((await queueCommand('pause', '1', '-s', other.server.address)).status, 1);
  assert.deepEqual(states(await list()).sort(), ['a queued', 'b paused']);
  const run = await queueCommand('run', '-s', other.server.address);
  assert.deepEqual(run, {status: 0, stdout: '', stderr: nothing});
});

test('a transfer moves by so many places, to the ends at most', async t => {
  const {serve, add, queueCommand, list} = await startPlace(t);
  for (const name of ['a', 'b', 'c']) {
    serve(name, name);
  }

  await add('a', 'b', 'c');
  const order = async () => (await list()).map(row => row.path).join('');
  assert.equal(
    (await queueCommand('move', '3', '-2')).stdout,
    'Transfer 3 is now 1 of 3 with normal priority\n',
  );
  assert.equal(await order(), 'cab');
  assert.equal(
    (await queueCommand('move', '3', '1', '--json')).stdout,
    '{"id":3,"place":2,"of":3,"priority":"normal"}\n',
  );
  assert.equal(await order(), 'acb');
  await queueCommand('move', '1', '99');
  assert.equal(await order(), 'cba');
  const missing = await queueCommand('move', '9', '1');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /There is no transfer 9/);
});

test('what has a higher priority stands and runs before the others, and says so', async t => {
  const {serve, target, server, add, queueCommand, list} = await startPlace(t);
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    serve(name, noise(blockSize + 1));
  }

  await add('a', 'b', 'c');
  const added = await add('d', '--priority', 'high');
  assert.equal(added[0]?.priority, 'high');
  await add('e', '--priority', 'low');
  assert.deepEqual(await queueCommand('priority', 'high', '3', '99'), {
    status: 1,
    stdout: '1 transfer given high priority\n',
    stderr:
      'jangada: There is no transfer 99 in the queue. jangada queue list shows what there is\n',
  });
  assert.equal((await queueCommand('priority', 'low', '1', '--json')).stdout, '{"ids":[1]}\n');
  const names = async () => (await list()).map(row => `${row.path} ${row.priority}`);
  assert.deepEqual(await names(), ['c high', 'd high', 'b normal', 'a low', 'e low']);
  const lines = (await queueCommand('list')).stdout.split('\n');
  assert.match(lines[0] ?? '', /-> \S+\/c {2}\(high priority\)$/);
  assert.match(lines[2] ?? '', /-> \S+\/b$/);
  assert.match(lines[4] ?? '', /-> \S+\/e {2}\(low priority\)$/);
  assert.equal(
    (await queueCommand('move', '4', '-7')).stdout,
    'Transfer 4 is now 1 of 2 with high priority\n',
  );
  const ran = await queueCommand('run', '--connections', '1');
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stdout.replaceAll(/ .*|\n/g, ''), 'dcbae5');
  const over = await queueCommand('priority', 'high', '1');
  assert.equal(over.status, 1);
  assert.match(over.stderr, /Transfer 1 is done, and cannot be given another priority/);
  assert.equal(
    (await queueCommand('priority', 'low', 'all')).stdout,
    '0 transfers given low priority\n',
  );
  await queueCommand('add', 'a', 'b', '-s', server.address, '-o', join(target, 'again'));
  assert.equal(
    (await queueCommand('priority', 'low', 'all')).stdout,
    '2 transfers given low priority\n',
  );
});

test('an open client hears of a priority, and shows and runs it in its place', async t => {
  const {serve, add, queueCommand, openClient} = await startPlace(t);
  for (const name of ['a', 'b', 'c']) {
    serve(name, name);
  }

  await add('a', 'b', 'c');
  await queueCommand('pause', 'all');
  const client = openClient();
  const names = () =>
    client
      .snapshot()
      .rows.map(row => row.remotePath)
      .join('');
  assert.equal(names(), 'abc');
  await queueCommand('priority', 'high', '3');
  await until(() => names() === 'cab');
  assert.equal(client.transfer(3)?.priority, 'high');
  await queueCommand('priority', 'low', '1');
  await until(() => names() === 'cba');
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
    '{"files":8,"connectionsPerFile":1,"bytesPerSecond":500000}\n',
  );
  assert.equal(
    await said('--limit', 'none', '--json'),
    '{"files":8,"connectionsPerFile":1,"bytesPerSecond":null}\n',
  );
  assert.match(await said(), /^8 files at once, 1 connection .* no limit/);
});

test('a run begins with the limits that are stored, and follows those that are set', async t => {
  const {serve, state, root, target, add, queueCommand} = await startPlace(t);
  for (const name of ['a', 'b', 'c']) {
    serve(name, noise(3 * blockSize));
  }

  await add('a', 'b', 'c');
  // So slow that none of them would come.
  await queueCommand('limits', '--limit', '2k', '--files', '2');
  const {ended} = start(['queue', 'run'], {JANGADA_STATE: state});
  const watching = new QueueStore(join(state, 'queue.db'));
  t.after(() => watching[Symbol.dispose]());
  await until(() => watching.idsIn(['running']).length === 2);
  await queueCommand('limits', '--files', '3');
  await until(() => watching.idsIn(['running']).length === 3);
  await queueCommand('limits', '--limit', 'none');
  const ran = await ended;
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('an option of a run counts in place of what is stored, until that is set', async t => {
  const {serve, state, add, queueCommand} = await startPlace(t);
  for (const name of ['a', 'b', 'c']) {
    serve(name, noise(3 * blockSize));
  }

  await add('a', 'b', 'c');
  await queueCommand('limits', '--limit', 'none', '--files', '1');
  const {ended} = start(['queue', 'run', '--limit', '2k', '--connections', '2'], {
    JANGADA_STATE: state,
  });
  const watching = new QueueStore(join(state, 'queue.db'));
  t.after(() => watching[Symbol.dispose]());
  await until(() => watching.idsIn(['running']).length === 2);
  await queueCommand('limits', '--limit', 'none');
  const ran = await ended;
  assert.equal(ran.status, 0, ran.stderr);
});

test('a client that works on a transfer hears what is to become of it', async t => {
  const {serve, target, add, queueCommand, openClient} = await startPlace(t, 4 * blockSize);
  serve('a', noise(30 * blockSize));
  await add('a');
  const client = openClient();
  const partial = join(target, 'a.jangada-part');
  await until(() => (client.transfer(1)?.verifiedBytes ?? 0) >= blockSize);
  assert.match((await queueCommand('list')).stdout, / {2}running {2}/);
  assert.equal((await queueCommand('pause', 'all')).stdout, '1 transfer paused\n');
  await until(() => client.transfer(1)?.state.name === 'paused');
  await queueCommand('resume', '1');
  await until(() => client.transfer(1)?.state.name === 'downloading');
  const canceled = await queueCommand('cancel', '1', '--delete-partial');
  assert.deepEqual(canceled, {status: 0, stdout: '1 transfer canceled\n', stderr: ''});
  assert.equal(existsSync(partial), false);
  await until(() => client.transfer(1)?.state.name === 'canceled');
  assert.equal(existsSync(partial), false);
});

test('without --delete-partial a partial stays; nothing is made to delete one', async t => {
  const {serve, server, target, add, queueCommand} = await startPlace(t);
  serve('a', 'aaa');
  serve('b', 'bbb');
  await add('a', 'b');
  mkdirSync(target);
  writeFileSync(join(target, 'a.jangada-part'), 'a');
  await queueCommand('cancel', '1');
  assert.ok(existsSync(join(target, 'a.jangada-part')));
  await queueCommand('cancel', '1', '2', '--delete-partial');
  assert.deepEqual(treeOf(target).size, 0);
  const elsewhere = join(target, 'not/there');
  await queueCommand('add', 'a', '-s', server.address, '-o', elsewhere);
  const ran = await queueCommand('cancel', '3', '--delete-partial');
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(existsSync(elsewhere), false);
});

test('a run is interrupted cleanly, and the next one goes on', async t => {
  const {serve, root, target, state, server, add, queueCommand, list} = await startPlace(
    t,
    4 * blockSize,
  );
  serve('a', noise(12 * blockSize));
  await add('a');
  const partial = join(target, 'a.jangada-part');
  const {child, ended} = start(['queue', 'run', '--retries', '3'], {JANGADA_STATE: state});
  await until(() => existsSync(partial) && statSync(partial).size >= 2 * blockSize);
  child.kill('SIGINT');
  const ran = await ended;
  assert.equal(ran.status, 130);
  assert.match(ran.stderr, /What has arrived is kept; to go on: jangada queue --retries 3 run\n$/);
  const [row] = await list('-s', server.address);
  assert.equal(row?.state, 'queued');
  const again = await queueCommand('run', '--json');
  assert.equal(again.status, 0, again.stderr);
  const events = again.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    events.filter(({event}) => event !== 'progress').map(({event}) => event),
    ['done', 'end'],
  );
  assert.ok(events.at(-1).reusedBytes >= 2 * blockSize);
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('a server that is not there ends with 3, its transfers stay queued, others are served', async t => {
  const {serve, target, server, state, add, queueCommand, list} = await startPlace(t);
  serve('a', 'a');
  await add('a');
  const gone = await freePort();
  const store = new QueueStore(join(state, 'queue.db'));
  store.add(`127.0.0.1:${gone}`, [
    {remotePath: path('b'), folder: target, localPath: 'b', onConflict: 'resume'},
  ]);
  store[Symbol.dispose]();
  const ran = await queueCommand('run', '--json');
  assert.equal(ran.status, 3);
  assert.match(ran.stderr, new RegExp(`^jangada: .*127\\.0\\.0\\.1:${gone}.*\\n$`));
  assert.match(ran.stdout, /"event":"error","code":"unreachable"/);
  assert.match(ran.stdout, /"event":"done","path":"a"/);
  assert.deepEqual(states(await list()).sort(), ['a done', 'b queued']);
  assert.equal((await queueCommand('run', '-s', server.address)).status, 0);
});

test('a server that goes for good leaves its transfers in the queue', async t => {
  const {serve, target, server, state, add, queueCommand, list} = await startPlace(
    t,
    2 * blockSize,
  );
  serve('a', noise(8 * blockSize));
  serve('b', noise(8 * blockSize, 2));
  serve('c', 'c');
  serve('d', 'd');
  await add('a', 'b', 'c', 'd');
  await queueCommand('pause', '3');
  const words = ['queue', 'run', '--retries', '0', '--connections', '2'];
  const {ran, ended} = start(words, {JANGADA_STATE: state});
  await until(() => existsSync(join(target, 'a.jangada-part')));
  await server.close({graceMs: 0});
  const {status} = await ended;
  assert.equal(status, 3, ran.stderr);
  assert.match(ran.stderr, /Still queued: 3 transfers of jangada:\/\/127\S+\n$/);
  assert.deepEqual(states(await list()), ['a queued', 'b queued', 'c paused', 'd queued']);
});

test('a long history before what is queued hides nothing from a run, and is not told again', async t => {
  const {serve, server, state, target, add, queueCommand} = await startPlace(t);
  const store = new QueueStore(join(state, 'queue.db'));
  const {host, port} = parseAddress(server.address);
  const places = store.add(
    `${host}:${port}`,
    Array.from({length: 5000}, (_, index) => ({
      remotePath: path(`old ${index}`),
      folder: target,
      localPath: `old ${index}`,
      onConflict: 'resume' as const,
    })),
  );
  saveAs(
    store,
    places.map(({id}) => id),
    {name: 'done', outcome: 'verified'},
  );
  store[Symbol.dispose]();
  serve('new', 'x');
  await add('new');
  const ran = await queueCommand('run');
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, /^new {2}1 B {2}verified\n1 file, /);
});

test('what is written wrongly is wrong usage, before anything is touched or connected', async t => {
  const {queueCommand} = await startPlace(t);
  for (const [words, message] of [
    [['pause', 'al'], /'al' is no ID/],
    [['pause', 'all', '3'], /'all' is no ID/],
    [['retry', 'all'], /'all' is no ID/],
    [['cancel', '-1'], /'-1' is no ID/],
    [['move', '1', 'up'], /'up' is no number of places/],
    [
      ['priority', '12', 'high'],
      /'12' is no priority\. Write high, normal, low, and the IDs behind it/,
    ],
    [['priority', 'high', '12', 'all'], /'all' is no ID/],
    [['add', 'a', '--on-conflict', 'ask'], /nobody is there to be asked/],
    [['add', '../a'], /'\.\.\/a' is refused/],
    [['add', 'a', '!b'], /'!b' excludes from masks, and there is no mask/],
  ] as const) {
    const ran = await queueCommand(...words);
    assert.deepEqual([ran.status, ran.stdout], [2, ''], words.join(' '));
    assert.match(ran.stderr, message);
  }
});

test('a queue that cannot be opened is said so', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  for (const words of [['list'], ['run'], ['pause', 'all']]) {
    const ran = await runIn(join(folder, 'file'), words);
    assert.equal(ran.status, 1);
    assert.match(ran.stderr, /^jangada: There is no queue to work with: .*\n$/);
  }
});

test('paused and resumed while a run goes on, a transfer is finished by it', async t => {
  const {serve, state, root, target, add, queueCommand, list} = await startPlace(t, 6 * blockSize);
  serve('a', noise(8 * blockSize));
  serve('b', noise(8 * blockSize));
  await add('a', 'b');
  const {ended} = start(['queue', 'run'], {JANGADA_STATE: state});
  await until(() => existsSync(join(target, 'a.jangada-part')));
  assert.equal((await queueCommand('pause', '1')).stdout, '1 transfer paused\n');
  assert.equal((await queueCommand('resume', '1')).stdout, '1 transfer resumed\n');
  const ran = await ended;
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(states(await list()), ['a done', 'b done']);
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('a run beside another one waits until all is fetched, and both end with the status of the queue', async t => {
  const place = await startPlace(t, 8 * blockSize);
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    place.serve(name, noise(3 * blockSize, name.charCodeAt(0)));
  }

  await place.add('a', 'b', 'c', 'd', 'e');
  mkdirSync(join(place.target, 'e'), {recursive: true});
  // So that the one that fails is the last.
  await place.queueCommand('limits', '--files', '1');
  const first = start(['queue', 'run'], {JANGADA_STATE: place.state});
  await until(() => existsSync(join(place.target, 'a.jangada-part')));
  const second = start(['queue', 'run'], {JANGADA_STATE: place.state});
  const runs = await Promise.all([first.ended, second.ended]);
  for (const {status, stdout} of runs) {
    assert.equal(status, 1);
    assert.match(stdout, /; 1 failed\nfailed {2}e: /);
  }

  assert.match(runs[1].stderr, new RegExp(`process ${first.child.pid} works on this queue`));
  assert.deepEqual(states(await place.list()).sort(), [
    'a done',
    'b done',
    'c done',
    'd done',
    'e failed',
  ]);
});

test('a run beside one that is killed goes on with what that one had begun', async t => {
  const place = await startPlace(t, 8 * blockSize);
  for (const name of ['a', 'b', 'c']) {
    place.serve(name, noise(6 * blockSize, name.charCodeAt(0)));
  }

  await place.add('a', 'b', 'c');
  const first = start(['queue', 'run'], {JANGADA_STATE: place.state});
  await until(() => existsSync(join(place.target, 'a.jangada-part')));
  const second = start(['queue', 'run'], {JANGADA_STATE: place.state});
  await until(() => second.ran.stderr.includes('works on this queue'));
  first.child.kill('SIGKILL');
  const ran = await second.ended;
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

test('with --checksums a run beside another one lists files, too, that the other one has fetched', async t => {
  const place = await startPlace(t, 8 * blockSize);
  place.serve('a', noise(6 * blockSize));
  await place.add('a');
  const first = start(['queue', 'run'], {JANGADA_STATE: place.state});
  await until(() => existsSync(join(place.target, 'a.jangada-part')));
  const list = join(place.state, 'SHA256SUMS');
  const second = await place.queueCommand('run', '--checksums', list);
  assert.equal(second.status, 0, second.stderr);
  assert.equal((await first.ended).status, 0);
  const sha256 = createHash('sha256')
    .update(noise(6 * blockSize))
    .digest('hex');
  assert.equal(readFileSync(list, 'utf8'), `${sha256}  ${join(place.target, 'a')}\n`);
});

test('what commands say to a queue that is worked on, the worker does', async t => {
  const place = await startPlace(t, 4 * blockSize);
  for (const name of ['a', 'b', 'c']) {
    place.serve(name, noise(20 * blockSize));
  }

  await place.add('a', 'b', 'c');
  const client = place.openClient();
  await until(() => client.totals().active === 3);
  assert.equal(
    (await place.queueCommand('move', '3', '-2')).stdout,
    'Transfer 3 is now 1 of 3 with normal priority\n',
  );
  assert.equal(
    (await place.queueCommand('priority', 'low', '1', '--json')).stdout,
    '{"ids":[1]}\n',
  );
  assert.deepEqual(
    client.slice(0).map(({id, priority}) => `${id} ${priority}`),
    ['3 normal', '2 normal', '1 low'],
  );
  assert.equal((await place.queueCommand('pause', 'all')).stdout, '3 transfers paused\n');
  assert.equal(client.totals().active, 0);
  const wrong = await place.queueCommand('retry', '2');
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /Transfer 2 is paused, and cannot be queued again/);
});

test('with rename, canceling deletes the partial of the name that was chosen', async t => {
  const place = await startPlace(t, 4 * blockSize);
  place.serve('a', noise(20 * blockSize));
  mkdirSync(place.target);
  writeFileSync(join(place.target, 'a'), 'old');
  writeFileSync(join(place.target, 'a.jangada-part'), 'of another transfer');
  await place.add('a', '--on-conflict', 'rename');
  const first = start(['queue', 'run'], {JANGADA_STATE: place.state});
  const partial = join(place.target, 'a (2).jangada-part');
  await until(() => existsSync(partial) && statSync(partial).size > blockSize);
  first.child.kill('SIGINT');
  await first.ended;
  assert.ok(existsSync(partial));
  const canceled = await place.queueCommand('cancel', '1', '--delete-partial');
  assert.deepEqual(canceled, {status: 0, stdout: '1 transfer canceled\n', stderr: ''});
  assert.deepEqual([...treeOf(place.target).keys()].sort(), ['a', 'a.jangada-part']);
});

test('what is paused or canceled during a run is not waited for', async t => {
  const {serve, state, add, queueCommand, list} = await startPlace(t, 2 * blockSize);
  for (const name of ['a', 'b', 'c']) {
    serve(name, noise(20 * blockSize));
  }

  await add('a', 'b', 'c');
  const {ended} = start(['queue', 'run'], {JANGADA_STATE: state});
  const running = new QueueStore(join(state, 'queue.db'));
  t.after(() => running[Symbol.dispose]());
  await until(() => running.idsIn(['running']).length === 3);
  await queueCommand('pause', '1', '2');
  await queueCommand('cancel', '3');
  const ran = await ended;
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual([ran.stdout, ran.stderr], ['', nothing]);
  assert.deepEqual(states(await list()), ['a paused', 'b paused', 'c canceled']);
});
