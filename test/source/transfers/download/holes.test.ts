import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {hash} from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {PartialFile} from '../../../../source/transfers/disk/partial-file.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {noise, path, startHarness, temporaryFolder} from '../../../fixtures/harness.ts';

const part = '.jangada-part';

const allocatedBytes = (file: string) => statSync(file).blocks * 512;

/** A block of noise, `zeros` blocks of zeros, another block of noise, and zeros at the end. */
function withHole(zeros: number): Buffer {
  const bytes = Buffer.alloc((zeros + 3) * blockSize + 7);
  noise(blockSize, 2).copy(bytes);
  noise(blockSize, 3).copy(bytes, (zeros + 1) * blockSize);
  return bytes;
}

/** Whether unwritten zeros take no disk space in the folder of this test. */
function hasHoles(t: TestContext, folder: string): boolean {
  const file = join(folder, 'hole');
  const fd = openSync(file, 'w');
  ftruncateSync(fd, blockSize);
  closeSync(fd);
  const has = allocatedBytes(file) === 0;
  if (!has) {
    t.skip('this disk has no holes');
  }

  return has;
}

test('blocks of zeros become holes, and are verified like any other block', async t => {
  const {serve, target, download} = await startHarness(t);
  if (hasHoles(t, temporaryFolder(t))) {
    const bytes = withHole(64);
    serve('a.bin', bytes);
    const [row] = await download(['a.bin']);
    assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
    assert.equal(row?.verifiedBytes, bytes.length);
    assert.ok(readFileSync(join(target, 'a.bin')).equals(bytes));
    assert.ok(allocatedBytes(join(target, 'a.bin')) <= 2.1 * blockSize);
  }
});

test('a small file of zeros is a hole', async t => {
  const {serve, target, download} = await startHarness(t);
  if (hasHoles(t, temporaryFolder(t))) {
    serve('zeros', Buffer.alloc(blockSize));
    serve('one', Buffer.from([...Buffer.alloc(9999), 1]));
    await download(['zeros', 'one'], {sizes: true});
    assert.equal(statSync(join(target, 'zeros')).size, blockSize);
    assert.equal(allocatedBytes(join(target, 'zeros')), 0);
    assert.equal(readFileSync(join(target, 'one'))[9999], 1);
  }
});

test('a file that ends in zeros has its whole size, and its SHA-256 covers all bytes', async t => {
  const {serve, target, client} = await startHarness(t);
  const bytes = Buffer.concat([noise(blockSize), Buffer.alloc(9 * blockSize + 3)]);
  serve('a.bin', bytes);
  await using queue = new Queue({client, checksums: true});
  const [id = 0] = queue.add([
    {remotePath: path('a.bin'), folder: target, localPath: 'a.bin', onConflict: 'fail'},
  ]);
  await queue.idle();
  const state = queue.transfer(id)?.state;
  assert.equal(state?.name === 'done' && state.sha256, hash('sha256', bytes, 'hex'));
  assert.equal(statSync(join(target, 'a.bin')).size, bytes.length);
});

test('zeros are written over other bytes of the partial file', async t => {
  const {serve, target, download} = await startHarness(t);
  const bytes = withHole(8);
  serve('a.bin', bytes);
  mkdirSync(target);
  // The partial file ends within a block of zeros.
  writeFileSync(join(target, `a.bin${part}`), noise(4 * blockSize + 100, 9));
  await download(['a.bin']);
  assert.ok(readFileSync(join(target, 'a.bin')).equals(bytes));
});

test('a partial file with preallocated space keeps it', async t => {
  const {serve, target, download} = await startHarness(t);
  const bytes = withHole(8);
  serve('a.bin', bytes);
  mkdirSync(target);
  const partial = join(target, `a.bin${part}`);
  if (spawnSync('fallocate', ['-l', String(bytes.length), partial]).status !== 0) {
    t.skip('room cannot be set aside here');
    return;
  }

  await download(['a.bin']);
  assert.ok(readFileSync(join(target, 'a.bin')).equals(bytes));
  assert.ok(allocatedBytes(join(target, 'a.bin')) >= bytes.length);
});

test('a continued download counts holes as existing blocks', async t => {
  const {serve, target, download} = await startHarness(t);
  const bytes = withHole(8);
  serve('a.bin', bytes);
  mkdirSync(target);
  const partial = join(target, `a.bin${part}`);
  writeFileSync(partial, bytes.subarray(0, blockSize));
  truncateSync(partial, 6 * blockSize);
  const [row] = await download(['a.bin']);
  assert.equal(row?.reusedBytes, 6 * blockSize);
  assert.ok(readFileSync(join(target, 'a.bin')).equals(bytes));
});

test('zeros are not written: the file is only made longer', async t => {
  const written: number[] = [];
  const {write} = disk;
  t.mock.method(disk, 'write', (...given: Parameters<typeof write>) => {
    written.push(given[4]);
    write(...given);
  });
  const {serve, download} = await startHarness(t);
  serve('a.bin', withHole(8));
  await download(['a.bin']);
  assert.deepEqual(
    written.sort((one, other) => one - other),
    [0, 9 * blockSize],
  );
});

test('a hole that is made while a later block is being written cuts off no bytes', async t => {
  using target = new TargetFolder(temporaryFolder(t));
  const folder = target.open([]);
  t.after(() => folder.release());
  const partial = new PartialFile(folder, 'a');
  t.after(() => partial.close());
  // The bytes are in the file before the callback of the write.
  t.mock.method(disk, 'write', (...given: Parameters<typeof disk.write>) => {
    const [fd, bytes, from, length, position, done] = given;
    const written = disk.writeSync(fd, bytes, from, length, position);
    setImmediate(() => done(null, written));
  });
  const block = noise(blockSize);
  const written = partial.write(block, blockSize, 2 * blockSize);
  partial.leaveHole(blockSize, blockSize);
  await written;
  assert.ok(
    readFileSync(partial.path)
      .subarray(2 * blockSize)
      .equals(block),
  );
});
