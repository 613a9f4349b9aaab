import assert from 'node:assert/strict';
import {mkdirSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {verifyFile} from '../../../../source/transfers/download/verify.ts';
import {parseExpectedContent} from '../../../../source/transfers/terms/expected-content.ts';
import {noise, path, startHarness, treeOf} from '../../../fixtures/harness.ts';
import {rootOf} from '../../../fixtures/server/other-content.ts';

const content = noise(2 * blockSize + 10);
const other = noise(2 * blockSize + 10, 7);
const a = path('a');

test('a queue keeps a local file with the expected content, and sets the time of a remote file of the same size', async t => {
  const {serve, queue, target, root} = await startHarness(t);
  mkdirSync(target);
  for (const [there, hasItsTime] of [
    [other, true],
    [other.subarray(1), false],
  ] as const) {
    serve('a', there);
    writeFileSync(join(target, 'a'), content);
    utimesSync(join(target, 'a'), 1000, 1000);
    const expect = parseExpectedContent(rootOf(content));
    const [id = 0] = queue.add([
      {remotePath: a, folder: target, localPath: 'a', onConflict: 'resume', expect},
    ]);
    await queue.idle();
    const row = queue.transfer(id);
    assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
    assert.equal(row?.size, content.length);
    assert.equal(row?.reusedBytes, content.length);
    assert.deepEqual(treeOf(target), new Map([['a', content]]));
    const [here, remote] = [target, root].map(folder => statSync(join(folder, 'a')).mtimeMs);
    assert.equal(Math.abs((here ?? 0) - (remote ?? 0)) < 0.01, hasItsTime);
  }
});

test('a queue fetches nothing of unexpected content, and a report says whether a copy has the expected content', async t => {
  const {serve, client, queue, target} = await startHarness(t);
  serve('a', other);
  const expect = parseExpectedContent(rootOf(content));
  const job = {remotePath: a, folder: target, localPath: 'a', onConflict: 'fail', expect} as const;
  const [id = 0] = queue.add([job]);
  await queue.idle();
  const state = queue.transfer(id)?.state;
  assert.equal(state?.name === 'failed' && state.code, 'unexpected');
  assert.deepEqual(treeOf(target), new Map());
  writeFileSync(join(target, 'a'), other);
  const sha256 = parseExpectedContent(`sha256:${'0'.repeat(64)}`);
  const report = await verifyFile(client, a, join(target, 'a'), {expect: sha256});
  assert.equal(report.equal, true);
  assert.equal(report.expected, false);
  assert.equal(report.localSha256?.length, 64);
});
