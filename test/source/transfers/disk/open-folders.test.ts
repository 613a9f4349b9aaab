import assert from 'node:assert/strict';
import {readdirSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {TargetFolder} from '../../../../source/transfers/disk/target-folder.ts';
import {startHarness, temporaryFolder} from '../../../fixtures/harness.ts';

const descriptors = '/proc/self/fd';

test('folders that nobody uses any more are closed, however many were open at once', {
  skip: process.platform === 'linux' ? false : 'folders are held open on Linux alone',
}, t => {
  using target = new TargetFolder(temporaryFolder(t));
  const before = readdirSync(descriptors).length;
  const folders = Array.from({length: 300}, (_, index) => target.open([`folder-${index}`]));
  assert.ok(readdirSync(descriptors).length >= before + 300);
  for (const folder of folders) {
    folder.release();
  }

  assert.ok(readdirSync(descriptors).length <= before + 64);
});

test('a folder that was moved away between two downloads is made anew', async t => {
  const {serve, root, target, download} = await startHarness(t);
  serve('d/a.txt', 'a');
  serve('d/b.txt', 'b');
  await download(['d/a.txt']);
  const elsewhere = join(root, '../elsewhere');
  renameSync(join(target, 'd'), elsewhere);
  const [row] = await download(['d/b.txt']);
  assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
  assert.equal(readFileSync(join(target, 'd/b.txt'), 'utf8'), 'b');
  assert.deepEqual(readdirSync(elsewhere), ['a.txt']);
});

for (const [what, folder] of [
  ['a target folder', ''],
  ['a target folder with a folder in it', 'd/'],
] as const) {
  test(`${what} that was removed between two downloads is made anew`, async t => {
    const {serve, target, download} = await startHarness(t);
    serve(`${folder}a.txt`, 'a');
    serve(`${folder}b.txt`, 'b');
    await download([`${folder}a.txt`]);
    rmSync(target, {recursive: true});
    const [row] = await download([`${folder}b.txt`]);
    assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
    assert.equal(readFileSync(join(target, `${folder}b.txt`), 'utf8'), 'b');
  });
}
