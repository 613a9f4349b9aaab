import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {noise, path, startHarness, treeOf, until} from '../../../fixtures/harness.ts';

const size = 16 * blockSize + 77;

const changes: Readonly<Record<string, (file: string, moment: number) => void>> = {
  appended: (file, moment) => appendFileSync(file, noise(1 + moment * 300_000, 5)),
  truncated: (file, moment) => truncateSync(file, size - 1 - moment * 2_000_000),
  rewritten(file, moment) {
    const fd = openSync(file, 'r+');
    writeSync(fd, noise(100_000, 6), 0, 100_000, moment * 2_500_000);
    closeSync(fd);
  },
  replaced(file) {
    writeFileSync(`${file}.new`, noise(size - 5, 7));
    renameSync(`${file}.new`, file);
  },
};

for (const [what, change] of Object.entries(changes)) {
  test(`46: a file that is ${what} while it is sent arrives as one version, whenever that happens`, async t => {
    for (let moment = 0; moment < 6; moment++) {
      const {serve, root, queue, target} = await startHarness(t, {
        server: {limit: 100 * blockSize},
        connections: 1 + (moment % 3),
      });
      serve('a', noise(size));
      const transfer = {remotePath: path('a'), folder: target, localPath: 'a', size};
      const [id = 0] = queue.add([{...transfer, onConflict: 'fail'}]);
      // The loop sets the moment, and the scheduler of the machine varies it.
      const mark = Math.floor((moment / 6) * size);
      await until(() => {
        const row = queue.transfer(id);
        return row?.state.name === 'done' || (row?.verifiedBytes ?? -1) >= mark;
      });
      const wasDone = queue.transfer(id)?.state.name === 'done';
      change(join(root, 'a'), moment);
      await queue.idle();
      const row = queue.transfer(id);
      assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
      const here = readFileSync(join(target, 'a'));
      const there = readFileSync(join(root, 'a'));
      // The last byte may already have been on its way. Then the client has the old version.
      assert.ok(here.equals(there) || here.equals(noise(size)), `a mix at moment ${moment}`);
      if (!wasDone && here.equals(there)) {
        assert.equal(row?.size, there.length);
      }

      assert.deepEqual(readdirSync(target), ['a']);
    }
  });
}

test('46: small files that change all the time arrive, each with the content of one moment', async t => {
  const {serve, queue, root, target} = await startHarness(t);
  const names = Array.from({length: 300}, (_, index) => `f${index}`);
  const version = (round: number) => Buffer.alloc(5000 + round, round);
  for (const name of names) {
    serve(name, version(0));
  }

  queue.add(
    names.map(name => ({
      remotePath: path(name),
      folder: target,
      localPath: name,
      size: 5000,
      onConflict: 'fail' as const,
    })),
  );
  let round = 0;
  let ended = false;
  const idle = queue.idle().then(() => {
    ended = true;
  });
  while (!ended && round < 200) {
    round++;
    for (let index = round % 7; index < names.length; index += 7) {
      // Replaced as a whole, so that a reader sees the old or the new content.
      writeFileSync(join(root, 'new'), version(round));
      renameSync(join(root, 'new'), join(root, names[index] ?? ''));
    }

    await new Promise(setImmediate);
  }

  await idle;
  assert.equal(queue.snapshot().done, names.length);
  for (const [name, bytes] of treeOf(target)) {
    assert.ok(bytes.equals(version(bytes.length - 5000)), `${name} is a mix`);
  }
});

test('a local file that changes between its check with resume and its repair is checked again', async t => {
  const {serve, target, download} = await startHarness(t);
  const bytes = noise(4 * blockSize);
  serve('a', bytes);
  mkdirSync(target);
  const damaged = Buffer.from(bytes);
  damaged.write('damage', 3 * blockSize);
  writeFileSync(join(target, 'a'), damaged);
  utimesSync(join(target, 'a'), 1_600_000_000, 1_600_000_000);
  const {renameSync: rename} = disk;
  let changed = 0;
  t.mock.method(disk, 'renameSync', (from: string, to: string) => {
    rename(from, to);
    if (to.endsWith('a.jangada-part')) {
      // The file has just become the partial file. Its first block was right when it was checked.
      changed++;
      const fd = openSync(to, 'r+');
      writeSync(fd, 'damage', blockSize / 2);
      closeSync(fd);
    }
  });
  const [row] = await download(['a'], {onConflict: 'resume'});
  assert.equal(changed, 1);
  assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
  assert.equal(row?.reusedBytes, 2 * blockSize);
  assert.ok(readFileSync(join(target, 'a')).equals(bytes));
});
