import assert from 'node:assert/strict';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {frameKinds} from '../../../protocol/frame.ts';
import {noise, startHarness, temporaryFolder, treeOf} from '../../fixtures/harness.ts';
import {rootOf, startOtherContent} from '../../fixtures/server/other-content.ts';
import {runHere} from './run.ts';

const content = noise(2 * blockSize + 10);
const other = noise(2 * blockSize + 10, 7);

test('a file with the expected root arrives, by either algorithm', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', content);
  for (const algorithm of ['sha256', 'blake3'] as const) {
    const target = temporaryFolder(t);
    const words = ['sget', 'a', '-o', target, '-s', server.address];
    const ran = await runHere([...words, '--expect', rootOf(content, algorithm)]);
    assert.deepEqual(ran, {status: 0, stdout: 'a  2.1 MB  verified\n', stderr: ''});
    assert.deepEqual(treeOf(target), new Map([['a', content]]));
  }
});

test('an empty file has a root, too', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', '');
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '-s', server.address];
  const wrong = await runHere([...words, '--expect', rootOf(content)]);
  assert.equal(wrong.status, 5);
  assert.deepEqual(treeOf(target), new Map());
  const right = await runHere([...words, '--expect', rootOf(Buffer.alloc(0))]);
  assert.equal(right.status, 0);
  assert.deepEqual([...treeOf(target).keys()], ['a']);
});

test('a server with another root is asked for no block, and nothing is written', async t => {
  const {address, asked} = await startOtherContent(t, other);
  const target = path.join(temporaryFolder(t), 'to');
  const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content)];
  const ran = await runHere(words);
  assert.equal(ran.status, 5);
  assert.equal(ran.stdout, '');
  assert.equal(
    ran.stderr,
    `jangada: a: The server has ${rootOf(other)}, and ${rootOf(content)} was expected\n`,
  );
  assert.ok(!asked.includes(frameKinds.get));
  assert.deepEqual(treeOf(path.dirname(target)), new Map());
});

test('the JSON of an unexpected file says so, with a code of its own', async t => {
  const {address} = await startOtherContent(t, other);
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content), '--json'];
  const ran = await runHere(words);
  const [failed, end] = ran.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.equal(failed.event, 'failed');
  assert.equal(failed.code, 'unexpected');
  assert.equal(end.outcome, 'difference');
  assert.equal(end.code, 'unexpected');
  assert.equal(end.status, 5);
  assert.equal(end.failed, 1);
});

test('a server that lists the expected digests and sends other blocks gets none of them written', async t => {
  const {address, asked} = await startOtherContent(t, other, {listed: content});
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content)];
  const ran = await runHere(words);
  assert.equal(ran.status, 5);
  assert.match(ran.stderr, /^jangada: a: The server sends something else as block \d than .*\n$/);
  assert.ok(asked.includes(frameKinds.get));
  assert.deepEqual(treeOf(target), new Map());
});

test('a server that announces another size than its list is for is asked for no block', async t => {
  for (const size of [content.length + blockSize, blockSize, 0]) {
    const {address, asked} = await startOtherContent(t, content, {size});
    const target = temporaryFolder(t);
    const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content)];
    const ran = await runHere(words);
    assert.equal(ran.status, 5, String(size));
    assert.ok(!asked.includes(frameKinds.get));
    assert.deepEqual(treeOf(target), new Map());
  }
});

test('a server that cannot compute the algorithm of a root is told from one that lies', async t => {
  const {address, asked} = await startOtherContent(t, content);
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '-s', address];
  const ran = await runHere([...words, '--expect', rootOf(content, 'blake3')]);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /The server cannot compute blake3/);
  assert.ok(!asked.includes(frameKinds.get));
});

test('only the blocks that a partial lacks are fetched, and those that are not as expected', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', content);
  const target = temporaryFolder(t);
  const partial = Buffer.concat([content.subarray(0, blockSize), other.subarray(0, blockSize)]);
  writeFileSync(path.join(target, 'a.jangada-part'), partial);
  const words = ['sget', 'a', '-o', target, '-s', server.address, '--json'];
  const ran = await runHere([...words, '--expect', rootOf(content)]);
  assert.equal(ran.status, 0);
  const events = ran.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.equal(events.find(({event}) => event === 'done')?.reusedBytes, blockSize);
  assert.deepEqual(treeOf(target), new Map([['a', content]]));
});

test('what stands in the way of an unexpected file stays as it is', async t => {
  const {address} = await startOtherContent(t, other);
  const target = path.join(temporaryFolder(t), 'to');
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), 'mine');
  for (const policy of ['overwrite', 'resume', 'rename', 'newer']) {
    const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content)];
    const ran = await runHere([...words, '--on-conflict', policy]);
    assert.equal(ran.status, 5, policy);
    assert.deepEqual(treeOf(target), new Map([['a', Buffer.from('mine')]]));
  }

  assert.equal(existsSync(path.join(target, 'a.jangada-part')), false);
});
