import assert from 'node:assert/strict';
import {existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {blockSize} from '../../../../protocol/block.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {PartialFile} from '../../../../source/transfers/disk/partial-file.ts';
import {
  closeWholePartial,
  createWholePartial,
} from '../../../../source/transfers/disk/whole-partial.ts';
import type {ConflictPolicy, NewTransfer, Queue} from '../../../../source/transfers/queue/queue.ts';
import {noise, path, startHarness, temporaryFolder, until} from '../../../fixtures/harness.ts';

const part = '.jangada-part';

function transferOf(
  name: string,
  folder: string,
  size?: number,
  onConflict: ConflictPolicy = 'fail',
): NewTransfer {
  return {remotePath: path(name), folder, localPath: name, onConflict, size};
}

/** Resolves in the turn in which the last bytes are being flushed. Polling with a timer would miss it. */
async function untilFinishing(queue: Queue, id: number): Promise<void> {
  for (;;) {
    const name = queue.transfer(id)?.state.name;
    if (name === 'finishing') {
      return;
    }

    assert.notEqual(name, 'done');
    assert.notEqual(name, 'failed');
    await turn();
  }
}

test('a finished file with a second hard link is repaired with resume, and the other name keeps its bytes', async t => {
  const {serve, target, download} = await startHarness(t);
  const bytes = noise(4 * blockSize);
  serve('a.bin', bytes);
  mkdirSync(target);
  const damaged = Buffer.from(bytes);
  damaged.write('damage', 2 * blockSize + 5);
  writeFileSync(join(target, 'a.bin'), damaged);
  linkSync(join(target, 'a.bin'), join(target, 'backup.bin'));
  const [row] = await download(['a.bin'], {onConflict: 'resume'});
  assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
  assert.ok(readFileSync(join(target, 'a.bin')).equals(bytes));
  assert.ok(readFileSync(join(target, 'backup.bin')).equals(damaged));
});

test('a pause while the last bytes are flushed is kept, and a resume completes the file', async t => {
  const {serve, queue, target} = await startHarness(t);
  serve('a.bin', noise(3 * blockSize));
  const [id = 0] = queue.add([transferOf('a.bin', target, 3 * blockSize)]);
  await untilFinishing(queue, id);
  queue.pause(id);
  await queue.idle();
  // Either may happen first, but the state and the folder must agree.
  const isThere = existsSync(join(target, 'a.bin'));
  assert.equal(queue.transfer(id)?.state.name, isThere ? 'done' : 'paused');
  queue.resume(id);
  await queue.idle();
  assert.deepEqual(queue.transfer(id)?.state, {name: 'done', outcome: 'verified'});
  assert.ok(readFileSync(join(target, 'a.bin')).equals(noise(3 * blockSize)));
});

test('a cancel while the last bytes are flushed leaves no file and no partial file', async t => {
  const {serve, queue, target} = await startHarness(t);
  serve('a.bin', noise(3 * blockSize));
  const [id = 0] = queue.add([transferOf('a.bin', target, 3 * blockSize)]);
  await untilFinishing(queue, id);
  queue.cancel(id, {deletePartial: true});
  await queue.idle();
  assert.equal(queue.transfer(id)?.state.name, 'canceled');
  assert.deepEqual(readdirSync(target), []);
});

test('a small file that is paused after it got its name is done', {
  timeout: 90_000,
}, async t => {
  const {serve, queue, target} = await startHarness(t);
  const names = Array.from({length: 60}, (_, index) => `f${index}`);
  for (const name of names) {
    serve(name, 'x');
  }

  const id = queue.add(names.map(name => transferOf(name, target, 1))).at(-1) ?? 0;
  // All files get their names in one turn. Then their folder is flushed.
  while (!existsSync(join(target, 'f59'))) {
    await turn();
  }

  queue.pause(id);
  await queue.idle();
  assert.deepEqual(queue.transfer(id)?.state, {name: 'done', outcome: 'verified'});
});

test('cancel of a renamed transfer deletes its own partial file, and not that of the existing file', async t => {
  const {serve, queue, target} = await startHarness(t, {server: {limit: 4 * blockSize}});
  serve('a.bin', noise(12 * blockSize));
  mkdirSync(target);
  writeFileSync(join(target, 'a.bin'), 'mine');
  writeFileSync(join(target, `a.bin${part}`), 'of an earlier run');
  const [id = 0] = queue.add([transferOf('a.bin', target, 12 * blockSize, 'rename')]);
  await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) > 0);
  assert.ok(existsSync(join(target, `a (2).bin${part}`)));
  queue.cancel(id, {deletePartial: true});
  await queue.idle();
  assert.deepEqual(readdirSync(target).sort(), ['a.bin', `a.bin${part}`]);
  assert.equal(readFileSync(join(target, `a.bin${part}`), 'utf8'), 'of an earlier run');
});

test('cancel of a failed transfer leaves the partial file to the transfer that now uses it', async t => {
  const {serve, queue, target} = await startHarness(t, {server: {limit: 4 * blockSize}});
  const [failed = 0] = queue.add([transferOf('a.bin', target)]);
  await queue.idle();
  assert.equal(queue.transfer(failed)?.state.name, 'failed');
  serve('a.bin', noise(4 * blockSize));
  const [id = 0] = queue.add([transferOf('a.bin', target)]);
  await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) > 0);
  queue.cancel(failed, {deletePartial: true});
  assert.ok(existsSync(join(target, `a.bin${part}`)));
  await queue.idle();
  assert.deepEqual(queue.transfer(id)?.state, {name: 'done', outcome: 'verified'});
  assert.ok(readFileSync(join(target, 'a.bin')).equals(noise(4 * blockSize)));
});

test('a small file that waits to be flushed locks its partial file', t => {
  using target = new TargetFolder(temporaryFolder(t));
  const folder = target.open([]);
  const whole = createWholePartial(folder, 'a', Buffer.from('right'));
  assert.ok(whole !== undefined);
  assert.throws(
    () => new PartialFile(folder, 'a'),
    error => isJangadaError(error, 'locked'),
  );
  closeWholePartial(whole);
  const partial = new PartialFile(folder, 'a');
  assert.equal(partial.initialSize, 5);
  partial.close();
  folder.release();
});
