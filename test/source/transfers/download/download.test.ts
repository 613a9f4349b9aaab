import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import type {TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import {noise, path, startHarness, treeOf, until} from '../../../fixtures/harness.ts';

const part = '.jangada-part';

function assertDone(rows: readonly TransferSnapshot[]): void {
  for (const {remotePath, state} of rows) {
    assert.deepEqual({remotePath, state}, {remotePath, state: {name: 'done', outcome: 'verified'}});
  }
}

for (const size of [0, 1, 4096, blockSize - 1, blockSize, blockSize + 1, 5 * blockSize + 7]) {
  for (const sizes of [true, false]) {
    test(`a file of ${size} bytes arrives with its content and time, ${sizes ? 'with a listed size' : 'only by name'}`, async t => {
      const {serve, root, target, download} = await startHarness(t);
      serve('a.bin', noise(size));
      utimesSync(join(root, 'a.bin'), 1_600_000_000, 1_600_000_000.25);
      assertDone(await download(['a.bin'], {sizes}));
      assert.deepEqual(readFileSync(join(target, 'a.bin')), noise(size));
      assert.equal(statSync(join(target, 'a.bin')).mtimeMs, 1_600_000_000_250);
      assert.deepEqual(readdirSync(target), ['a.bin']);
    });
  }
}

test('a tree arrives with its folders, with small and large files mixed', async t => {
  const {serve, root, target, download} = await startHarness(t);
  const names: string[] = [];
  for (let index = 0; index < 300; index++) {
    names.push(`a/b${index % 7}/f ${index}`);
    serve(`a/b${index % 7}/f ${index}`, noise((index * 37) % 9000, index + 1));
  }

  serve('a/large.bin', noise(9 * blockSize + 1));
  names.push('a/large.bin');
  assertDone(await download(names, {sizes: true}));
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('several connections fetch one large file', async t => {
  const {serve, target, download} = await startHarness(t, {connections: 3});
  serve('large.bin', noise(100 * blockSize + 11));
  assertDone(await download(['large.bin'], {sizes: true}));
  assert.ok(readFileSync(join(target, 'large.bin')).equals(noise(100 * blockSize + 11)));
});

const damages: ReadonlyArray<[string, (file: string) => void, number]> = [
  ['truncated in a block', file => truncateSync(file, 3 * blockSize + 5), 3],
  ['with a flipped bit', file => writeAt(file, 2 * blockSize + 100, Buffer.from([1])), 7],
  ['longer than the file', file => appendFileSync(file, noise(2 * blockSize, 9)), 8],
  ['with a hole in it', file => writeAt(file, blockSize, Buffer.alloc(2 * blockSize)), 6],
  ['of something else', file => writeFileSync(file, noise(8 * blockSize, 77)), 0],
  ['that is empty', file => truncateSync(file, 0), 0],
];

function writeAt(file: string, offset: number, bytes: Buffer): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, bytes, 0, bytes.length, offset);
  closeSync(fd);
}

for (const [what, damage, goodBlocks] of damages) {
  const size = 8 * blockSize - 3;
  test(`a partial file ${what} is repaired: ${goodBlocks} blocks stay, the others are fetched again`, async t => {
    const {serve, target, download} = await startHarness(t);
    serve('a.bin', noise(size));
    mkdirSync(target);
    writeFileSync(join(target, `a.bin${part}`), noise(size));
    damage(join(target, `a.bin${part}`));
    const rows = await download(['a.bin']);
    assertDone(rows);
    assert.ok(readFileSync(join(target, 'a.bin')).equals(noise(size)));
    assert.deepEqual(readdirSync(target), ['a.bin']);
    const kept = goodBlocks === 8 ? size : goodBlocks * blockSize;
    // The last block is shorter, and stays if it was not damaged.
    const expected = what.includes('bit') || what.includes('hole') ? kept - 3 : kept;
    assert.equal(rows[0]?.reusedBytes, expected);
  });

  test(`a finished file ${what} is repaired with resume`, async t => {
    const {serve, target, download} = await startHarness(t);
    serve('a.bin', noise(size));
    mkdirSync(target);
    writeFileSync(join(target, 'a.bin'), noise(size));
    damage(join(target, 'a.bin'));
    assertDone(await download(['a.bin'], {onConflict: 'resume'}));
    assert.ok(readFileSync(join(target, 'a.bin')).equals(noise(size)));
    assert.deepEqual(readdirSync(target), ['a.bin']);
  });
}

test('resume does not change a complete file, small or large', async t => {
  const {serve, target, download} = await startHarness(t);
  serve('large', noise(3 * blockSize));
  serve('small', noise(300));
  assertDone(await download(['large', 'small'], {sizes: true}));
  const before = ['large', 'small'].map(name => statSync(join(target, name)).ino);
  const rows = await download(['large', 'small'], {onConflict: 'resume', sizes: true});
  assertDone(rows);
  assert.deepEqual(
    rows.map(row => row.reusedBytes),
    [3 * blockSize, 300],
  );
  assert.deepEqual(
    ['large', 'small'].map(name => statSync(join(target, name)).ino),
    before,
  );
});

test('a partial file with a second hard link is not written to', async t => {
  const {serve, target, download} = await startHarness(t);
  serve('a.bin', noise(3 * blockSize));
  mkdirSync(target);
  writeFileSync(join(target, 'precious'), 'precious');
  linkSync(join(target, 'precious'), join(target, `a.bin${part}`));
  assertDone(await download(['a.bin']));
  assert.equal(readFileSync(join(target, 'precious'), 'utf8'), 'precious');
});

for (const sizes of [true, false]) {
  const how = sizes ? 'among small files' : 'by itself';
  test(`without a policy, an existing file is not changed, ${how}`, async t => {
    const {serve, target, download} = await startHarness(t);
    serve('a', 'new');
    mkdirSync(target);
    writeFileSync(join(target, 'a'), 'old');
    const [row] = await download(['a'], {sizes});
    assert.equal(row?.state.name === 'failed' && row.state.code, 'exists');
    assert.deepEqual(treeOf(target), new Map([['a', Buffer.from('old')]]));
  });

  test(`overwrite, skip and rename have their effects, ${how}`, async t => {
    const {serve, target, download} = await startHarness(t);
    for (const name of ['over.txt', 'skip.txt', 'ren.txt']) {
      serve(name, 'new');
    }

    mkdirSync(target);
    for (const name of ['over.txt', 'skip.txt', 'ren.txt']) {
      writeFileSync(join(target, name), 'old');
    }

    assertDone(await download(['over.txt'], {onConflict: 'overwrite', sizes}));
    const [skipped] = await download(['skip.txt'], {onConflict: 'skip', sizes});
    assert.deepEqual(skipped?.state, {name: 'done', outcome: 'skipped'});
    const [renamed] = await download(['ren.txt'], {onConflict: 'rename', sizes});
    assert.equal(renamed?.target, join(target, 'ren (2).txt'));
    assert.deepEqual(
      Object.fromEntries([...treeOf(target)].map(([name, bytes]) => [name, bytes.toString()])),
      {'over.txt': 'new', 'skip.txt': 'old', 'ren.txt': 'old', 'ren (2).txt': 'new'},
    );
  });

  test(`newer replaces older local files and skips the rest, ${how}`, async t => {
    const {serve, root, target, download} = await startHarness(t);
    mkdirSync(target);
    for (const [name, here, there] of [
      ['older here', 1000, 2000],
      ['newer here', 2000, 1000],
      ['as old', 1000, 1001],
    ] as const) {
      serve(name, 'there');
      utimesSync(join(root, name), there, there);
      writeFileSync(join(target, name), 'here');
      utimesSync(join(target, name), here, here);
    }

    const rows = await download(['older here', 'newer here', 'as old'], {
      onConflict: 'newer',
      sizes,
    });
    assert.deepEqual(
      rows.map(({state}) => state.name === 'done' && state.outcome),
      ['verified', 'skipped', 'skipped'],
    );
    assert.deepEqual(
      Object.fromEntries([...treeOf(target)].map(([name, bytes]) => [name, bytes.toString()])),
      {'older here': 'there', 'newer here': 'here', 'as old': 'here'},
    );
  });

  test(`45: a target, a partial file or a parent that is a link is refused, ${how}`, async t => {
    const {serve, root, target, download} = await startHarness(t);
    serve('a', 'new');
    serve('b', 'new');
    serve('c/d', 'new');
    mkdirSync(target);
    mkdirSync(join(root, '../outside'));
    writeFileSync(join(root, '../outside/victim'), 'victim');
    symlinkSync('../outside/victim', join(target, 'a'));
    symlinkSync('../outside/victim', join(target, `b${part}`));
    symlinkSync('../outside', join(target, 'c'));
    for (const policy of ['overwrite', 'resume', 'fail'] as const) {
      const rows = await download(['a', 'b', 'c/d'], {onConflict: policy, sizes});
      assert.deepEqual(
        rows.map(({state}) => state.name === 'failed' && state.code),
        ['unsafe_target', 'unsafe_target', 'unsafe_target'],
      );
    }

    assert.deepEqual(
      treeOf(join(root, '../outside')),
      new Map([['victim', Buffer.from('victim')]]),
    );
  });
}

test('a transfer to a name that another transfer uses is refused, and the other one continues', async t => {
  const {serve, queue, target} = await startHarness(t);
  serve('a', 'aaa');
  serve('b', 'bbb');
  const job = {folder: target, localPath: 'same', onConflict: 'fail' as const};
  const ids = queue.add([
    {remotePath: path('a'), ...job},
    {remotePath: path('b'), ...job},
  ]);
  await queue.idle();
  assert.deepEqual(
    ids.map(id => queue.transfer(id)?.state.name),
    ['done', 'failed'],
  );
  assert.equal(readFileSync(join(target, 'same'), 'utf8'), 'aaa');
});

test('a local path that leaves the target folder is refused', async t => {
  const {serve, queue, root, target} = await startHarness(t);
  serve('a', 'aaa');
  const paths = ['../evil', '/evil', 'x/../../evil', '', '.', 'a\0b'];
  const ids = queue.add(
    paths.map(localPath => ({
      remotePath: path('a'),
      folder: target,
      localPath,
      onConflict: 'overwrite' as const,
    })),
  );
  await queue.idle();
  for (const id of ids) {
    const state = queue.transfer(id)?.state;
    assert.equal(state?.name, 'failed');
  }

  assert.equal(existsSync(join(root, '../evil')), false);
});

test('a pause keeps the partial file, and a resume fetches only the rest', async t => {
  const {serve, queue, target, download} = await startHarness(t, {
    server: {limit: 20 * blockSize},
  });
  serve('a.bin', noise(30 * blockSize));
  const rows = download(['a.bin']);
  await until(() => (queue.snapshot().rows[0]?.verifiedBytes ?? 0) >= 2 * blockSize);
  const id = queue.snapshot().rows[0]?.id ?? 0;
  queue.pause(id);
  await rows;
  assert.equal(queue.transfer(id)?.state.name, 'paused');
  const before = statSync(join(target, `a.bin${part}`)).size;
  assert.ok(before >= 2 * blockSize && before < 30 * blockSize);
  queue.resume(id);
  await queue.idle();
  const after = queue.transfer(id);
  assert.deepEqual(after?.state, {name: 'done', outcome: 'verified'});
  assert.ok((after?.reusedBytes ?? 0) >= 2 * blockSize);
  assert.ok(readFileSync(join(target, 'a.bin')).equals(noise(30 * blockSize)));
});

test('cancel can delete the partial file, and retry begins again', async t => {
  const {serve, queue, target, download} = await startHarness(t, {
    server: {limit: 20 * blockSize},
  });
  serve('a.bin', noise(12 * blockSize));
  const rows = download(['a.bin']);
  await until(() => (queue.snapshot().rows[0]?.verifiedBytes ?? 0) >= blockSize);
  const id = queue.snapshot().rows[0]?.id ?? 0;
  queue.cancel(id, {deletePartial: true});
  await rows;
  assert.equal(queue.transfer(id)?.state.name, 'canceled');
  assert.deepEqual(readdirSync(target), []);
  queue.retry(id);
  await queue.idle();
  assert.equal(queue.transfer(id)?.state.name, 'done');
});

test('a missing file fails with its reason, and the others arrive', async t => {
  const {serve, download} = await startHarness(t);
  serve('here', 'here');
  const rows = await download(['gone', 'here']);
  assert.equal(rows[0]?.state.name === 'failed' && rows[0].state.code, 'not_found');
  assert.equal(rows[1]?.state.name, 'done');
});

const changes: ReadonlyArray<[string, (file: string) => void]> = [
  ['appended to', file => appendFileSync(file, noise(blockSize, 5))],
  ['truncated', file => truncateSync(file, 10 * blockSize + 1)],
  ['rewritten', file => writeAt(file, 0, noise(30 * blockSize, 6))],
];

for (const [what, change] of changes) {
  test(`46: a file that is ${what} while it is sent arrives as one version, never a mix`, async t => {
    const {serve, root, queue, target, download} = await startHarness(t, {
      server: {limit: 30 * blockSize},
    });
    serve('a.bin', noise(30 * blockSize));
    const rows = download(['a.bin']);
    await until(() => (queue.snapshot().rows[0]?.verifiedBytes ?? 0) >= 2 * blockSize);
    change(join(root, 'a.bin'));
    assertDone(await rows);
    assert.ok(readFileSync(join(target, 'a.bin')).equals(readFileSync(join(root, 'a.bin'))));
  });
}
