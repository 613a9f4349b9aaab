import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {noise, path, startHarness, treeOf} from '../../fixtures/harness.ts';

/** A folder that holds `megabytes`; undefined where mounting is not allowed. */
function smallDisk(t: TestContext, megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'jangada-disk-'));
  const size = `size=${megabytes}m`;
  const {status} = spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder]);
  t.after(() => {
    spawnSync('umount', ['-l', folder]);
    rmSync(folder, {recursive: true, force: true});
  });
  if (status !== 0) {
    t.skip('a small disk cannot be mounted here');
    return undefined;
  }

  return folder;
}

test('47: what does not fit is said before it is fetched; what fits arrives, and the rest when there is room', async t => {
  const disk = smallDisk(t, 8);
  if (disk === undefined) {
    return;
  }

  const {serve, root, download} = await startHarness(t, {target: disk});
  serve('fits', noise(2 * blockSize));
  serve('too large', noise(7 * blockSize, 2));
  writeFileSync(join(disk, 'in the way'), noise(2 * blockSize, 3));
  const [fits, tooLarge] = await download(['fits', 'too large']);
  assert.equal(fits?.state.name, 'done');
  assert.equal(tooLarge?.state.name === 'failed' && tooLarge.state.code, 'no_space');
  assert.equal(tooLarge?.verifiedBytes, 0);
  rmSync(join(disk, 'in the way'));
  rmSync(join(disk, 'fits'));
  const [again] = await download(['too large']);
  assert.equal(again?.state.name, 'done');
  assert.deepEqual(treeOf(disk).get('too large'), treeOf(root).get('too large'));
});

test('47: a disk that fills up on the way keeps the partial, and the transfer goes on from it', async t => {
  const disk = smallDisk(t, 8);
  if (disk === undefined) {
    return;
  }

  const {serve, root, queue, target} = await startHarness(t, {
    target: disk,
    server: {limit: 6 * blockSize},
  });
  serve('a', noise(6 * blockSize));
  const [id = 0] = queue.add([
    {remotePath: path('a'), folder: target, localPath: 'a', onConflict: 'fail'},
  ]);
  const full = new Promise<void>(resolve => {
    const end = queue.subscribe(() => {
      if ((queue.transfer(id)?.verifiedBytes ?? 0) >= blockSize) {
        end();
        writeFileSync(join(disk, 'in the way'), noise(4 * blockSize, 3));
        resolve();
      }
    });
  });
  await full;
  await queue.idle();
  const failed = queue.transfer(id);
  assert.equal(failed?.state.name === 'failed' && failed.state.code, 'no_space');
  assert.deepEqual(readdirSync(disk).sort(), ['a.jangada-part', 'in the way']);
  rmSync(join(disk, 'in the way'));
  queue.retry(id);
  await queue.idle();
  assert.equal(queue.transfer(id)?.state.name, 'done');
  assert.ok((queue.transfer(id)?.reusedBytes ?? 0) >= blockSize);
  assert.deepEqual(treeOf(disk), treeOf(root));
});

test('47: a folder that may not be written is said so, by name', async t => {
  const {serve, download, target} = await startHarness(t);
  serve('a', 'a');
  // A file where the folder has to be: root too is refused there.
  writeFileSync(target, 'not a folder');
  const [row] = await download(['a']);
  assert.equal(row?.state.name, 'failed');
  assert.match(row?.state.name === 'failed' ? row.state.reason : '', /target/);
});
