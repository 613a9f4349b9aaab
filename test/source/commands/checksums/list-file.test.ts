import assert from 'node:assert/strict';
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {ListFile} from '../../../../source/commands/checksums/list-file.ts';
import {placeOf} from '../../../../source/commands/checksums/list-place.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {cannotRecord, recordDisk} from '../../../fixtures/record-disk.ts';

const skip = cannotRecord;

test('a list is flushed, and then its name', {skip}, async t => {
  const folder = temporaryFolder(t);
  const calls = recordDisk(t, folder);
  const list = await ListFile.open(join(folder, 'SUMS'));
  t.after(() => list.close());
  await list.append('line\n');
  await list.sync();
  assert.deepEqual(calls, ['fsync SUMS', 'fsync .']);
});

test('a list that replaces another is flushed before it gets its name, and then its name is flushed', {
  skip,
}, async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'SUMS'), 'old\n');
  const calls = recordDisk(t, folder);
  const list = await ListFile.open(join(folder, 'SUMS'));
  t.after(() => list.close());
  await list.rewrite('new\n', () => false);
  await list.sync();
  assert.match(calls.shift() ?? '', /^fsync SUMS\.[0-9a-f]{12}\.tmp$/);
  assert.deepEqual(calls, ['rename SUMS', 'fsync SUMS', 'fsync .']);
  assert.equal(readFileSync(join(folder, 'SUMS'), 'utf8'), 'new\n');
});

test('a list with the longest possible name is replaced like any other', async t => {
  const file = join(temporaryFolder(t), 'x'.repeat(255));
  writeFileSync(file, 'old\n');
  const list = await ListFile.open(file);
  t.after(() => list.close());
  await list.rewrite('new\n', () => false);
  assert.equal(readFileSync(file, 'utf8'), 'new\n');
});

test('a list that cannot be flushed does not replace another', {skip}, async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'SUMS'), 'old\n');
  recordDisk(t, folder, call => call.startsWith('fsync SUMS.'));
  const list = await ListFile.open(join(folder, 'SUMS'));
  t.after(() => list.close());
  await assert.rejects(
    list.rewrite('new\n', () => false),
    error => isJangadaError(error, 'local_io'),
  );
  assert.deepEqual(readdirSync(folder), ['SUMS']);
  assert.equal(readFileSync(join(folder, 'SUMS'), 'utf8'), 'old\n');
});

test('an error of flushing a list, or its name, is reported', {skip}, async t => {
  const folder = temporaryFolder(t);
  for (const bad of ['fsync SUMS', 'fsync .']) {
    recordDisk(t, folder, call => call === bad);
    const list = await ListFile.open(join(folder, 'SUMS'));
    await list.append('line\n');
    await assert.rejects(list.sync(), error => isJangadaError(error, 'local_io'), bad);
    await list.close();
    t.mock.restoreAll();
  }
});

test('the names of folders that are made for a list are flushed', {skip}, async t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'target'));
  const calls = recordDisk(t, folder);
  const list = await ListFile.open(await placeOf(join(folder, 'target/a/b/SUMS'), folder));
  t.after(() => list.close());
  await list.append('line\n');
  await list.sync();
  assert.deepEqual(calls.slice(0, 3), [
    'mkdir target/a',
    'mkdir target/a/b',
    'fsync target/a/b/SUMS',
  ]);
  assert.deepEqual(calls.slice(3).sort(), ['fsync target', 'fsync target/a', 'fsync target/a/b']);
});
