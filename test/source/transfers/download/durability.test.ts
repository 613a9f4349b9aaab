/**
 * The order in which files are written, flushed and named, which decides what a power failure can destroy. A file gets its
 * final name only after its bytes are on the disk, and is done only after its name is on the disk, too.
 */
import assert from 'node:assert/strict';
import {existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize, digestOf} from '../../../../protocol/block.ts';
import {BlockPlan} from '../../../../source/transfers/blocks/block-plan.ts';
import {FileProgress} from '../../../../source/transfers/blocks/file-progress.ts';
import {PartialWrites} from '../../../../source/transfers/blocks/partial-writes.ts';
import {rememberStock} from '../../../../source/transfers/blocks/take-stock.ts';
import {flusher} from '../../../../source/transfers/disk/flush.ts';
import {
  type OpenFolder,
  TargetFolder,
} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {PartialFile} from '../../../../source/transfers/disk/partial-file.ts';
import {FlushGroup} from '../../../../source/transfers/download/small/flush-group.ts';
import type {SmallFile} from '../../../../source/transfers/download/small/small-file.ts';
import {noise, path, startHarness, temporaryFolder} from '../../../fixtures/harness.ts';
import {cannotRecord, flushedAfterNaming, recordDisk} from '../../../fixtures/record-disk.ts';
import {runDownload} from '../../../fixtures/run-download.ts';

const part = '.jangada-part';
const skip = cannotRecord;

function openFolder(t: TestContext, folder: string): OpenFolder {
  const target = new TargetFolder(folder);
  const opened = target.open([]);
  t.after(() => {
    opened.release();
    target[Symbol.dispose]();
  });
  return opened;
}

for (const [onConflict, naming] of [
  ['fail', ['link a', `unlink a${part}`]],
  ['overwrite', ['rename a']],
] as const) {
  test(`a large file is flushed with its time before it gets its name, and then its name is flushed, with ${onConflict}`, {
    skip,
  }, async t => {
    const {serve, target, download} = await startHarness(t);
    mkdirSync(target);
    serve('a', noise(3 * blockSize));
    const calls = recordDisk(t, target);
    await download(['a'], {onConflict});
    const writes = Array<string>(3).fill(`write a${part}`);
    assert.deepEqual(calls, [
      ...writes,
      `futimes a${part}`,
      `fsync a${part}`,
      ...naming,
      'fsync .',
    ]);
  });
}

test('a large file that cannot be flushed fails, and gets no name', {skip}, async t => {
  const {serve, target, download} = await startHarness(t);
  serve('a', noise(3 * blockSize));
  recordDisk(t, target, call => call === `fsync a${part}`);
  const [row] = await download(['a']);
  assert.equal(row?.state.name === 'failed' && row.state.code, 'local_io');
  assert.deepEqual(readdirSync(target), [], 'no byte of it is known to be on the disk');
});

test('a large file whose name cannot be flushed fails', {skip}, async t => {
  const {serve, target, download} = await startHarness(t);
  serve('a', noise(3 * blockSize));
  recordDisk(t, target, call => call === 'fsync .');
  const [row] = await download(['a']);
  assert.equal(row?.state.name === 'failed' && row.state.code, 'local_io');
});

test('data is flushed after each 64 MiB, and an error of this flush fails the download', {
  skip,
}, async t => {
  const target = temporaryFolder(t);
  const partial = new PartialFile(openFolder(t, target), 'a');
  t.after(() => partial.close());
  const calls = recordDisk(t, target, call => call.startsWith('fdatasync'));
  const failures: unknown[] = [];
  const writes = new PartialWrites(partial, error => failures.push(error));
  const block = noise(blockSize);
  for (let index = 0; index < 64; index++) {
    assert.equal(calls.filter(call => call.startsWith('fdatasync')).length, 0);
    await writes.add(block, blockSize, index * blockSize);
  }

  await writes.settled();
  assert.deepEqual(calls.slice(64), [`fdatasync a${part}`]);
  assert.equal(failures.length, 1);
});

test('an error of an earlier flush ends the download, and its file gets no name', {
  skip,
}, async t => {
  const {serve, target, download} = await startHarness(t);
  serve('a', noise(66 * blockSize));
  recordDisk(t, target, call => call.startsWith('fdatasync'));
  const [row] = await download(['a']);
  assert.equal(row?.state.name === 'failed' && row.state.code, 'local_io');
  assert.ok(!existsSync(join(target, 'a')));
});

for (const [what, call, size, kept] of [
  ['a flush at the end', `fsync a${part}`, 3, 0],
  ['a flush on the way', `fdatasync a${part}`, 66, 0],
  ['a flush at the end, after one on the way that succeeded', `fsync a${part}`, 66, 64],
] as const) {
  test(`after ${what} has failed, the bytes that it should have flushed are fetched and written again`, {
    skip,
  }, async t => {
    const {client, root, target} = await startHarness(t);
    const content = noise(size * blockSize);
    writeFileSync(join(root, 'a'), content);
    mkdirSync(target);
    const remembered: string[] = [];
    const memory = {
      recall: () => undefined,
      remember(name: string) {
        remembered.push(name);
      },
      forget() {},
    };
    let failures = 1;
    recordDisk(t, target, made => made === call && failures-- > 0);
    const run = () => runDownload(client, target, {job: {memory}});
    await assert.rejects(run(), {code: 'local_io'});
    assert.deepEqual(remembered, []);
    const left = lstatSync(join(target, `a${part}`), {throwIfNoEntry: false})?.size ?? 0;
    assert.ok(left <= kept * blockSize, `${left} bytes`);
    await run();
    assert.deepEqual(readFileSync(join(target, 'a')), content);
  });
}

/** Small files of a group. Each adds to `calls` how it ended. */
function smallFiles(folder: OpenFolder, calls: string[], names: readonly string[]): SmallFile[] {
  return names.map(name => ({
    ...{remotePath: path(name), folder, name, size: 5, onConflict: 'fail'},
    wanted: () => true,
    tell(event) {
      if (event.type === 'done' || event.type === 'failed') {
        calls.push(`${event.type} ${name}`);
      }
    },
  }));
}

async function writeGroup(files: readonly SmallFile[]): Promise<void> {
  const group = new FlushGroup(flusher);
  for (const file of files) {
    group.add(file, {size: 5, mtimeMs: 0, version: 'v'}, noise(5), undefined);
  }

  await group.flush();
}

const names = ['a', 'b', 'c'];

test('all small files are flushed before the first gets its name, and are done after their folder is flushed', {
  skip,
}, async t => {
  const target = temporaryFolder(t);
  const calls = recordDisk(t, target);
  await writeGroup(smallFiles(openFolder(t, target), calls, names));
  const flushed = calls.splice(6, 3);
  assert.deepEqual(
    flushed.sort(),
    names.map(name => `fsync ${name}${part}`),
  );
  assert.deepEqual(calls, [
    ...names.flatMap(name => [`write ${name}${part}`, `futimes ${name}${part}`]),
    ...names.flatMap(name => [`link ${name}`, `unlink ${name}${part}`]),
    'fsync .',
    ...names.map(name => `done ${name}`),
  ]);
});

test('if one of several small files cannot be flushed, none of them gets a name, and all are written again', {
  skip,
}, async t => {
  const target = temporaryFolder(t);
  const calls = recordDisk(t, target, call => call === `fsync b${part}`);
  await writeGroup(smallFiles(openFolder(t, target), calls, names));
  assert.deepEqual(
    calls.slice(-6),
    names.flatMap(name => [`unlink ${name}${part}`, `failed ${name}`]),
  );
  assert.deepEqual(readdirSync(target), [], 'another attempt must not trust these bytes');
});

test('small files whose names cannot be flushed fail', {skip}, async t => {
  const target = temporaryFolder(t);
  const calls = recordDisk(t, target, call => call === 'fsync .');
  await writeGroup(smallFiles(openFolder(t, target), calls, names));
  assert.deepEqual(
    calls.slice(-3),
    names.map(name => `failed ${name}`),
  );
});

for (const size of [5, 2 * blockSize]) {
  test(`the names of new folders are flushed once, for a file of ${size} bytes`, {
    skip,
  }, async t => {
    const base = temporaryFolder(t);
    const {serve, download} = await startHarness(t, {target: join(base, 'new/target')});
    serve('d/e/a', noise(size));
    serve('d/e/b', noise(size));
    const calls = recordDisk(t, base);
    await download(['d/e/a'], {sizes: true});
    assert.deepEqual(flushedAfterNaming(calls).sort(), [
      'fsync .',
      'fsync new',
      'fsync new/target',
      'fsync new/target/d',
      'fsync new/target/d/e',
    ]);
    await download(['d/e/b'], {sizes: true});
    assert.deepEqual(flushedAfterNaming(calls), ['fsync new/target/d/e']);
  });
}

test('names of folders that could not be flushed are flushed with the next file', {
  skip,
}, async t => {
  const base = temporaryFolder(t);
  const {serve, download} = await startHarness(t, {target: join(base, 'new')});
  serve('d/a', noise(5));
  serve('d/b', noise(5));
  let isBad = true;
  const calls = recordDisk(t, base, call => isBad && call === 'fsync new');
  const [first] = await download(['d/a'], {sizes: true});
  assert.equal(first?.state.name, 'failed');
  isBad = false;
  const [second] = await download(['d/b'], {sizes: true});
  assert.equal(second?.state.name, 'done');
  assert.deepEqual(flushedAfterNaming(calls).sort(), ['fsync .', 'fsync new', 'fsync new/d']);
});

test('the name of a folder that is made during a flush is flushed with its first file', {
  skip,
}, async t => {
  const base = temporaryFolder(t);
  using target = new TargetFolder(base);
  const root = target.open([]);
  t.after(() => root.release());
  let folder: OpenFolder | undefined;
  const calls = recordDisk(t, base, () => {
    // The first flush has ended, but its callback has not run yet.
    folder ??= target.open(['d']);
    return false;
  });
  await flusher.flushFolders([root]);
  assert.ok(folder);
  await flusher.flushFolders([folder]);
  folder.release();
  const flushed = calls.filter(call => call.startsWith('fsync'));
  assert.deepEqual([flushed[0], ...flushed.slice(1).sort()], ['fsync .', 'fsync .', 'fsync d']);
});

test('for folders that are only made, each folder above them is flushed once', {
  skip,
}, async t => {
  const base = temporaryFolder(t);
  const target = join(base, 'new');
  const {queue} = await startHarness(t, {target});
  const calls = recordDisk(t, base);
  for (const name of ['d', 'd/e', 'd/f', 'g']) {
    queue.makeFolder(target, name);
  }

  await queue.flushFolders();
  const flushed = calls.filter(call => call.startsWith('fsync'));
  assert.deepEqual(flushed.sort(), ['fsync .', 'fsync new', 'fsync new/d']);
  await queue.flushFolders();
  assert.equal(calls.filter(call => call.startsWith('fsync')).length, 3);
});

for (const isBad of [false, true]) {
  test(`digests of a partial file are ${isBad ? 'forgotten if its data cannot be flushed' : 'remembered once its data is flushed'}`, {
    skip,
  }, async t => {
    const target = temporaryFolder(t);
    const partial = new PartialFile(openFolder(t, target), 'a');
    t.after(() => partial.close());
    const calls = recordDisk(t, target, () => isBad);
    const block = noise(blockSize);
    const plan = new BlockPlan(2 * blockSize);
    await partial.write(block, blockSize, 0);
    plan.markDone(0, digestOf('sha256', block));
    const remote = {remotePath: path('a'), version: 'v', algorithm: 'sha256'} as const;
    await rememberStock(
      'a',
      {...remote, plan, partial, progress: new FileProgress(() => undefined)},
      {
        recall: () => undefined,
        remember: name => calls.push(`remember ${name}`),
        forget: name => calls.push(`forget ${name}`),
      },
    );
    assert.deepEqual(calls, [
      `write a${part}`,
      `fdatasync a${part}`,
      isBad ? 'forget a' : 'remember a',
    ]);
  });
}
