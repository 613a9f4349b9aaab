import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {freePort} from '../../../fixtures/free-port.ts';
import {noise, path, treeOf, until} from '../../../fixtures/harness.ts';
import {saveAs} from '../../../fixtures/queue/stored.ts';
import {start} from '../run.ts';
import {nothing, startPlace, states} from './queue-place.ts';

test('a run begins with the stored limits, and follows later ones', async t => {
  const {serve, state, root, target, add, queueCommand} = await startPlace(t);
  for (const name of ['a', 'b', 'c']) {
    serve(name, noise(3 * blockSize));
  }

  await add('a', 'b', 'c');
  // So slow that no file would arrive.
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

test('an option of a run counts instead of the stored limit, until that is set', async t => {
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

test('an interrupted run ends cleanly, and the next one continues', async t => {
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

test('a missing server ends with 3, its transfers stay queued, and other servers are used', async t => {
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

test('transfers of a server that is gone for good stay in the queue', async t => {
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

test('a long history before queued transfers hides none of them from a run, and is not reported again', async t => {
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

test('a run finishes a transfer that is paused and resumed meanwhile', async t => {
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

test('a run beside another one waits until all files are fetched, and both end with the status of the queue', async t => {
  const place = await startPlace(t);
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    place.serve(name, noise(3 * blockSize, name.charCodeAt(0)));
  }

  await place.add('a', 'b', 'c', 'd', 'e');
  mkdirSync(join(place.target, 'e'), {recursive: true});
  // With one file at once, the failing file is the last.
  await place.queueCommand('limits', '--files', '1', '--limit', '200k');
  const first = start(['queue', 'run'], {JANGADA_STATE: place.state});
  await until(() => existsSync(join(place.target, 'a.jangada-part')));
  const second = start(['queue', 'run'], {JANGADA_STATE: place.state});
  await until(() => second.ran.stderr.includes('works on this queue'));
  await place.queueCommand('limits', '--limit', 'none');
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

test('a run beside a killed one continues the transfers of that one', async t => {
  const place = await startPlace(t);
  for (const name of ['a', 'b', 'c']) {
    place.serve(name, noise(6 * blockSize, name.charCodeAt(0)));
  }

  await place.add('a', 'b', 'c');
  await place.queueCommand('limits', '--limit', '200k');
  const first = start(['queue', 'run'], {JANGADA_STATE: place.state});
  await until(() => existsSync(join(place.target, 'a.jangada-part')));
  const second = start(['queue', 'run'], {JANGADA_STATE: place.state});
  await until(() => second.ran.stderr.includes('works on this queue'));
  first.child.kill('SIGKILL');
  await place.queueCommand('limits', '--limit', 'none');
  const ran = await second.ended;
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

test('with --checksums a run beside another one also lists the files that the other one has fetched', async t => {
  const place = await startPlace(t);
  place.serve('a', noise(6 * blockSize));
  await place.add('a');
  await place.queueCommand('limits', '--limit', '200k');
  const first = start(['queue', 'run'], {JANGADA_STATE: place.state});
  await until(() => existsSync(join(place.target, 'a.jangada-part')));
  const list = join(place.state, 'SHA256SUMS');
  const other = start(['queue', 'run', '--checksums', list], {JANGADA_STATE: place.state});
  await until(() => other.ran.stderr.includes('works on this queue'));
  await place.queueCommand('limits', '--limit', 'none');
  const second = await other.ended;
  assert.equal(second.status, 0, second.stderr);
  assert.equal((await first.ended).status, 0);
  const sha256 = createHash('sha256')
    .update(noise(6 * blockSize))
    .digest('hex');
  assert.equal(readFileSync(list, 'utf8'), `${sha256}  ${join(place.target, 'a')}\n`);
});

test('a run does not wait for transfers that are paused or canceled meanwhile', async t => {
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
