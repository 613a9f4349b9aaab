import assert from 'node:assert/strict';
import {closeSync, openSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {isOtherTime, setTime} from '../../../../source/transfers/disk/file-time.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

const in2020 = Date.UTC(2020, 0, 1);
const in2400 = Date.UTC(2400, 0, 1);

/** An open file with this time in milliseconds, on a disk that answers `code` when a time is set. */
function openFile(t: TestContext, code: string, heldMs: number): number {
  const file = join(temporaryFolder(t), 'a');
  const fd = openSync(file, 'w');
  t.after(() => closeSync(fd));
  utimesSync(file, heldMs / 1000, heldMs / 1000);
  t.mock.method(disk, 'futimesSync', () => {
    throw Object.assign(new Error(code), {code});
  });
  return fd;
}

for (const code of ['EPERM', 'EACCES', 'EROFS', 'ENOTSUP', 'ENOSYS']) {
  test(`where ${code} says that no time can be set, the time that the file has is told`, t => {
    const fd = openFile(t, code, in2020);
    const reason = 'times cannot be set there';
    assert.deepEqual(setTime(fd, in2020 - 5000), {heldMs: in2020, reason});
    assert.deepEqual(setTime(fd, in2020 + 2001), {heldMs: in2020, reason});
    // As near as some disks store any time.
    assert.equal(setTime(fd, in2020 + 2000), undefined);
    assert.equal(setTime(fd, in2020 - 2000), undefined);
  });
}

for (const code of ['EINVAL', 'EOVERFLOW', 'ERANGE']) {
  test(`where ${code} refuses a time far away, that is told; a time that every disk can store must be set`, t => {
    const fd = openFile(t, code, in2020);
    const reason = 'the disk cannot store that time';
    assert.deepEqual(setTime(fd, in2400), {heldMs: in2020, reason});
    assert.deepEqual(setTime(fd, -1), {heldMs: in2020, reason});
    assert.throws(() => setTime(fd, in2020), {code});
  });
}

test('an error of the disk is an error, whatever the time', t => {
  const fd = openFile(t, 'EIO', in2020);
  assert.throws(() => setTime(fd, in2020), {code: 'EIO'});
  assert.throws(() => setTime(fd, in2400), {code: 'EIO'});
});

test('a time beyond all dates is set as the last one that there is', t => {
  const set: unknown[] = [];
  const fd = openFile(t, 'EINVAL', in2020);
  t.mock.method(disk, 'futimesSync', (_: number, __: number, time: unknown) => set.push(time));
  setTime(fd, 1e300);
  setTime(fd, -1e300);
  assert.deepEqual(set, [8.64e12, '-8640000000000']);
});

test('times differ if their microseconds do', () => {
  assert.equal(isOtherTime(1000.001, 1000.0014), false);
  assert.equal(isOtherTime(1000.001, 1000.002), true);
});
