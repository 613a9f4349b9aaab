import assert from 'node:assert/strict';
import fs, {closeSync, existsSync, fstatSync, openSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import type {JangadaError} from '../../../../protocol/errors.ts';
import {Flusher} from '../../../../source/transfers/disk/flush.ts';
import type {OpenFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {cannotCount, countDescriptors} from '../../../fixtures/descriptors.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {openFolder} from '../../../fixtures/open-folder.ts';
import {cannotRecord, recordDisk} from '../../../fixtures/record-disk.ts';

type Done = (error: Error | null) => void;

const systemError = (code: string) => Object.assign(new Error(code), {code});

test('to flush nothing is done at once', async () => {
  await new Flusher().flush([]);
  await new Flusher().flushFiles([]);
  await new Flusher().flushFolders([]);
});

test('of many files some are flushed at once, the next when one of them is, and the caller hears of the last', async t => {
  const running: Done[] = [];
  const flushed: number[] = [];
  t.mock.method(disk, 'fsync', (fd: number, done: Done) => {
    running.push(done);
    flushed.push(fd);
  });
  const fds = Array.from({length: 40}, (_, index) => 1000 + index);
  let isDone = false;
  const flushing = new Flusher().flush(fds).then(() => {
    isDone = true;
  });
  assert.equal(running.length, 32);
  running.shift()?.(null);
  assert.equal(flushed.length, 33);
  while (running.length > 1) {
    running.shift()?.(null);
  }

  await turn();
  assert.equal(isDone, false);
  running.shift()?.(null);
  await flushing;
  assert.deepEqual(flushed, fds);
});

for (const [what, type, thread] of [
  ['on a disk (ext4)', 0xef53, true],
  ['in memory (tmpfs)', 0x01021994, false],
] as const) {
  test(`a file ${what} is flushed ${thread ? 'by another thread' : 'at once'}`, {
    skip: process.platform === 'linux' ? false : 'kinds of disks are only known on Linux',
  }, async t => {
    // The types declare more forms of the call, which the code under test does not use.
    const mocked = t.mock.method(fs, 'statfsSync', (() => ({type})) as never);
    syncBuiltinESMExports();
    t.after(() => {
      mocked.mock.restore();
      syncBuiltinESMExports();
    });
    const calls: string[] = [];
    t.mock.method(disk, 'fsync', (_: number, done: Done) => {
      calls.push('thread');
      done(null);
    });
    t.mock.method(disk, 'fsyncSync', () => calls.push('here'));
    await new Flusher().flushFiles([{fd: 1000, dev: 1}]);
    assert.deepEqual(calls, [thread ? 'thread' : 'here']);
  });
}

for (const [code, fails] of [
  ['EINVAL', false],
  ['ENOTSUP', false],
  ['EIO', true],
  ['ENOSPC', true],
] as const) {
  test(`a flush that ends with ${code} ${fails ? 'fails once no other runs any more' : 'is none that this disk can do, and no failure'}`, async t => {
    const running: Done[] = [];
    t.mock.method(disk, 'fsync', (_: number, done: Done) => running.push(done));
    const ends: string[] = [];
    const flushing = new Flusher().flush([1000, 1001, 1002]).then(
      () => ends.push('well'),
      (error: JangadaError) => ends.push(error.code),
    );
    running[0]?.(systemError(code));
    running[1]?.(systemError('EINVAL'));
    await turn();
    assert.deepEqual(ends, []);
    running[2]?.(null);
    await flushing;
    assert.deepEqual(ends, [
      {EIO: 'local_io', ENOSPC: 'no_space', EINVAL: 'well', ENOTSUP: 'well'}[code],
    ]);
  });
}

test('files are flushed, on a disk and in memory', {skip: cannotRecord}, async t => {
  for (const folder of [temporaryFolder(t), '/dev/shm'].filter(path => existsSync(path))) {
    const name = `jangada-test-${process.pid}`;
    const fd = openSync(join(folder, name), 'w');
    const calls = recordDisk(t, folder);
    await new Flusher().flushFiles([{fd, dev: fstatSync(fd).dev}]);
    closeSync(fd);
    assert.deepEqual(calls, [`fsync ${name}`]);
    disk.unlinkSync(join(folder, name));
    t.mock.restoreAll();
  }
});

for (const fails of [false, true]) {
  test(`folders that ${fails ? 'cannot be flushed' : 'are flushed'} are closed afterwards`, {
    skip: cannotCount,
  }, async t => {
    const folder = openFolder(t);
    const before = countDescriptors();
    t.mock.method(disk, 'fsync', (_: number, done: Done) =>
      done(fails ? systemError('EIO') : null),
    );
    const flushing = new Flusher().flushFolders([folder]);
    await (fails ? assert.rejects(flushing, {code: 'local_io'}) : flushing);
    assert.equal(countDescriptors(), before);
  });
}

/** A folder that is opened for a flush by `open`. */
function folderOf(realPath: string, open: () => number | undefined): OpenFolder {
  return {
    path: realPath,
    isMade: false,
    at: name => join(realPath, name),
    disk: () => undefined,
    toFlush: () => [{realPath, open}],
    release: () => undefined,
  };
}

test('a folder for which there is no descriptor is flushed when there is one; any other error is the caller’s', {
  skip: cannotCount,
}, async t => {
  const folder = temporaryFolder(t);
  const before = countDescriptors();
  let tries = 0;
  let flushes = 0;
  const {fsync} = disk;
  t.mock.method(disk, 'fsync', (fd: number, done: Done) => {
    flushes++;
    fsync(fd, done);
  });
  const scarce = folderOf('/scarce', () => {
    if (++tries < 3) {
      throw systemError('EMFILE');
    }

    return openSync(folder, 'r');
  });
  await new Flusher().flushFolders([scarce]);
  assert.deepEqual([tries, flushes], [3, 1]);
  const broken = folderOf('/broken', () => {
    throw systemError('EIO');
  });
  // The last one is opened first.
  const fine = folderOf('/fine', () => openSync(folder, 'r'));
  await assert.rejects(new Flusher().flushFolders([broken, fine]), {code: 'EIO'});
  assert.equal(countDescriptors(), before);
});

test('a folder is flushed by its path, whatever link leads there', {
  skip: cannotRecord,
}, async t => {
  const folder = temporaryFolder(t);
  const calls = recordDisk(t, folder);
  await new Flusher().flushPath(join(folder, '.'));
  assert.deepEqual(calls, ['fsync .']);
});
