import assert from 'node:assert/strict';
import {readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {isInUse} from '../../../../source/transfers/disk/in-use.ts';
import {
  closeWholePartial,
  createWholePartial,
} from '../../../../source/transfers/disk/whole-partial.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {cannotCount, countDescriptors} from '../../../fixtures/descriptors.ts';
import {noise} from '../../../fixtures/harness.ts';
import {openFolder} from '../../../fixtures/open-folder.ts';

const part = '.jangada-part';

test('a small file of which the system writes only a part at a time is written whole', t => {
  const folder = openFolder(t);
  const {writeSync} = disk;
  t.mock.method(disk, 'writeSync', (...given: Parameters<typeof writeSync>) => {
    const [fd, bytes, from, length, position] = given;
    return writeSync(fd, bytes, from, Math.min(length, 300), position);
  });
  const whole = createWholePartial(folder, 'a', noise(1000));
  assert.ok(whole !== undefined);
  assert.equal(closeWholePartial(whole), true);
  assert.deepEqual(readFileSync(join(folder.path, `a${part}`)), noise(1000));
});

test('an empty small file is there, and has no bytes', t => {
  const folder = openFolder(t);
  const whole = createWholePartial(folder, 'a', noise(0));
  assert.ok(whole !== undefined && closeWholePartial(whole));
  assert.equal(statSync(join(folder.path, `a${part}`)).size, 0);
});

test('a small file whose partial is in the way is not written, and what is there stays', {
  skip: cannotCount,
}, t => {
  const folder = openFolder(t);
  writeFileSync(join(folder.path, `a${part}`), 'of an earlier run');
  const before = countDescriptors();
  assert.equal(createWholePartial(folder, 'a', noise(5)), undefined);
  assert.equal(readFileSync(join(folder.path, `a${part}`), 'utf8'), 'of an earlier run');
  assert.equal(countDescriptors(), before);
});

for (const code of ['EIO', 'EEXIST']) {
  test(`a small file that cannot be written (${code}) leaves neither bytes nor a descriptor, and says which it was`, {
    skip: cannotCount,
  }, t => {
    const folder = openFolder(t);
    const before = countDescriptors();
    t.mock.method(disk, 'writeSync', () => {
      throw Object.assign(new Error(code), {code});
    });
    assert.throws(() => createWholePartial(folder, 'a', noise(5)), {
      code: code === 'EIO' ? 'local_io' : 'exists',
      message: new RegExp(`^${join(folder.path, `a${part}`)}: `),
    });
    assert.deepEqual(readdirSync(folder.path), []);
    assert.equal(countDescriptors(), before);
  });
}

for (const [what, change, isStill] of [
  ['untouched', () => undefined, true],
  ['removed', (path: string) => rmSync(path), false],
  [
    'replaced',
    (path: string) => {
      writeFileSync(`${path}.new`, 'another');
      renameSync(`${path}.new`, path);
    },
    false,
  ],
] as const) {
  test(`a small file is let go of and closed, whether its partial was ${what} or not, and that is told`, {
    skip: cannotCount,
  }, t => {
    const folder = openFolder(t);
    const before = countDescriptors();
    const whole = createWholePartial(folder, 'a', noise(5));
    const path = join(folder.path, `a${part}`);
    const stats = statSync(path);
    assert.ok(whole !== undefined && isInUse(stats));
    change(path);
    assert.equal(closeWholePartial(whole), isStill);
    assert.equal(isInUse(stats), false);
    assert.equal(countDescriptors(), before);
  });
}
