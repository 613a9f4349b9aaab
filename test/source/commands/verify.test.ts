import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {parseAddress} from '../../../protocol/address.ts';
import {QueueStore} from '../../../source/transfers/database/queue-store.ts';
import {stateOf} from '../../../source/transfers/terms/file-state.ts';
import {noise, startHarness} from '../../fixtures/harness.ts';
import {endOf, listedIn} from '../../fixtures/json-output.ts';
import {startOlderServer} from '../../fixtures/older-server.ts';
import {TcpProxy} from '../../fixtures/proxy.ts';
import {RequestMeter} from '../../fixtures/request-meter.ts';
import {runHere, stateFolder} from './run.ts';

const content = noise(5_000_000);

/** The content with one bit of each of `blocks` flipped. */
function damaged(...blocks: number[]): Buffer {
  const bytes = Buffer.from(content);
  for (const block of blocks) {
    const at = block * 1_048_576;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
  }

  return bytes;
}

test('copies are found by path and then by name, and verified', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a/b', content);
  serve('c/d', 'x');
  mkdirSync(path.join(target, 'a'), {recursive: true});
  writeFileSync(path.join(target, 'a/b'), content);
  writeFileSync(path.join(target, 'b'), 'not this one');
  writeFileSync(path.join(target, 'd'), 'x');
  const ran = await runHere(['verify', 'a/b', 'c/d', '-o', target, '-s', server.address]);
  assert.deepEqual(ran, {
    status: 0,
    stdout: 'a/b: verified, 5 blocks\nc/d: verified, 1 block\n',
    stderr: '',
  });
});

test('a copy that differs is reported block by block, and the exit status shows it', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  serve('b', content);
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), damaged(1, 2, 4));
  writeFileSync(path.join(target, 'b'), content);
  truncateSync(path.join(target, 'b'), 3 * 1_048_576);
  const ran = await runHere(['verify', 'a', 'b', '-o', target, '-s', server.address]);
  assert.deepEqual(ran, {
    status: 5,
    stdout:
      'a: differs, 3 of 5 blocks bad (blocks 1-2, 4)\n' +
      'b: differs, 2 of 5 blocks missing (blocks 3-4)\n',
    stderr: '',
  });
});

test('its verdicts are remembered for the full screen, each with the states of both files', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  serve('b', content);
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), content);
  writeFileSync(path.join(target, 'b'), damaged(2));
  await runHere(['verify', 'a', 'b', '-o', target, '-s', server.address]);
  using store = new QueueStore(path.join(stateFolder, 'queue.db'));
  const {host, port} = parseAddress(server.address);
  const recall = (name: string) =>
    store.verdicts.recall(`${host}:${port}`, path.join(target, name));
  for (const [name, equal] of [
    ['a', true],
    ['b', false],
  ] as const) {
    assert.equal(recall(name)?.equal, equal);
    assert.equal(recall(name)?.remotePath, name);
    assert.equal(recall(name)?.remote.size, content.length);
    assert.equal(recall(name)?.state, stateOf(statSync(path.join(target, name), {bigint: true})));
  }

  const before = recall('b')?.state;
  await runHere(['verify', '--repair', 'b', '-o', target, '-s', server.address]);
  assert.equal(recall('b')?.equal, true);
  assert.notEqual(recall('b')?.state, before);
});

test('with --repair only bad blocks are fetched, and the copy is verified again', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), damaged(3));
  const ran = await runHere(['verify', 'a', '--repair', '-o', target, '-s', server.address]);
  assert.deepEqual(ran, {
    status: 0,
    stdout: 'a: repaired (1 block) and verified, 5 blocks\n',
    stderr: '',
  });
  assert.ok(readFileSync(path.join(target, 'a')).equals(content));
});

test('a file without a copy or without an original fails, and the others are verified', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  serve('only-there', 'x');
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), damaged(0));
  writeFileSync(path.join(target, 'only-here'), 'x');
  const ran = await runHere([
    ...['verify', 'only-there', 'only-here', 'a'],
    ...['-o', target, '-s', server.address],
  ]);
  assert.equal(ran.status, 1);
  assert.equal(ran.stdout, 'a: differs, 1 of 5 blocks bad (block 0)\n');
  const [there, here] = ran.stderr.split('\n');
  assert.match(there ?? '', /^jangada: only-there: there is no local copy/);
  assert.match(here ?? '', /^jangada: .*only-here/);
});

type Compared = Record<'localRoot' | 'remoteRoot' | 'algorithm', string>;
type NotCompared = {path: string; error: {code: string; message: string}};

test('the JSON of a verification has the documented fields', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  serve('b', 'x');
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), damaged(2));
  const ran = await runHere(['verify', 'a', 'b', '--json', '-o', target, '-s', server.address]);
  assert.equal(ran.status, 1);
  const [first, second] = listedIn(ran.stdout) as [Compared, NotCompared];
  const {localRoot, remoteRoot, algorithm, ...rest} = first;
  assert.match(localRoot, /^[0-9a-f]{64}$/);
  assert.match(remoteRoot, /^[0-9a-f]{64}$/);
  assert.match(algorithm, /^(sha256|blake3)$/);
  assert.deepEqual(rest, {
    path: 'a',
    local: path.join(target, 'a'),
    equal: false,
    localSize: 5_000_000,
    remoteSize: 5_000_000,
    blocks: 5,
    badBlocks: [2],
    missingBlocks: [],
    repairedBlocks: 0,
  });
  assert.equal(second.path, 'b');
  assert.equal(second.error.code, 'local_io');
  // One file differs, and one is missing.
  const message = second.error.message;
  const end = {event: 'end', outcome: 'failure', code: 'several', status: 1, message};
  assert.deepEqual(endOf(ran.stdout), end);
});

test('hundreds of copies are verified with one request, plus one for each that differs', async t => {
  const {serve, server, target} = await startHarness(t);
  mkdirSync(target);
  const names = Array.from({length: 300}, (_, index) => `f${index}`);
  for (const name of names) {
    serve(name, `the content of ${name}`);
    writeFileSync(path.join(target, name), `the content of ${name}`);
  }

  serve('f300', content);
  writeFileSync(path.join(target, 'f300'), content);
  writeFileSync(path.join(target, 'f7'), 'the CONTENT of f7');
  const meter = new RequestMeter();
  const proxy = await TcpProxy.start(server.port, meter);
  t.after(() => proxy[Symbol.asyncDispose]());
  const address = `jangada://127.0.0.1:${proxy.port}`;
  const ran = await runHere(['verify', ...names, 'f300', '-o', target, '-s', address]);
  assert.equal(ran.status, 5, ran.stderr);
  const lines = names.map(name =>
    name === 'f7' ? 'f7: differs, 1 of 1 block bad (block 0)\n' : `${name}: verified, 1 block\n`,
  );
  assert.equal(ran.stdout, `${lines.join('')}f300: verified, 5 blocks\n`);
  assert.deepEqual(meter.take(), {roots: 1, digests: 1});
});

test('copies are verified one by one if the server cannot compare many at once', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', 'x');
  serve('b', 'y');
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), 'x');
  writeFileSync(path.join(target, 'b'), 'z');
  const address = `jangada://127.0.0.1:${await startOlderServer(t, server.port, 'roots')}`;
  const ran = await runHere(['verify', 'a', 'b', '-o', target, '-s', address]);
  assert.deepEqual(ran, {
    status: 5,
    stdout: 'a: verified, 1 block\nb: differs, 1 of 1 block bad (block 0)\n',
    stderr: '',
  });
});

test('with --quiet only the exit status tells', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), damaged(0));
  const ran = await runHere(['verify', 'a', '--quiet', '-o', target, '-s', server.address]);
  assert.deepEqual(ran, {status: 5, stdout: '', stderr: ''});
});
