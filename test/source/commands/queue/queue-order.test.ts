import assert from 'node:assert/strict';
import {existsSync, mkdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {noise, startHarness, treeOf, until} from '../../../fixtures/harness.ts';
import {start} from '../run.ts';
import {nothing, startPlace, states} from './queue-place.ts';

test('paused, canceled and failed transfers wait for a command, by ID or for all at once', async t => {
  const {serve, root, target, add, queueCommand, list} = await startPlace(t);
  for (const name of ['a', 'b', 'c', 'd']) {
    serve(name, name);
  }

  await add('a', 'b', 'c', 'd');
  assert.equal((await queueCommand('pause', '1', '2')).stdout, '2 transfers paused\n');
  assert.equal(
    (await queueCommand('cancel', '3', '--json')).stdout,
    '{"event":"end","outcome":"success","code":null,"status":0,"ids":[3]}\n',
  );
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
  assert.match(wrong.stderr, /\njangada: The queue has no transfer 99\. Run/);
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

test('all means all transfers of a server, if one is named', async t => {
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

test('a transfer moves by a number of places, at most to an end', async t => {
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
    '{"event":"end","outcome":"success","code":null,"status":0,"id":3,"place":2,"of":3,"priority":"normal"}\n',
  );
  assert.equal(await order(), 'acb');
  await queueCommand('move', '1', '99');
  assert.equal(await order(), 'cba');
  const missing = await queueCommand('move', '9', '1');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /The queue has no transfer 9/);
});

test('transfers with a higher priority are listed and run first, and show it', async t => {
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
    stderr: 'jangada: The queue has no transfer 99. Run jangada queue list to see the transfers\n',
  });
  assert.equal(
    (await queueCommand('priority', 'low', '1', '--json')).stdout,
    '{"event":"end","outcome":"success","code":null,"status":0,"ids":[1]}\n',
  );
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

test('an open client gets a changed priority, and shows and runs the transfer in its place', async t => {
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

test('a client that works on a transfer carries out commands about it', async t => {
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

test('without --delete-partial a partial file stays, and deleting one makes no folder', async t => {
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

test('the worker carries out commands for a queue on which it works', async t => {
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
    '{"event":"end","outcome":"success","code":null,"status":0,"ids":[1]}\n',
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

test('with rename, canceling deletes the partial file of the chosen name', async t => {
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
