import assert from 'node:assert/strict';
import {join, resolve} from 'node:path';
import {test} from 'node:test';
import {commonFolder} from '../../../../source/transfers/terms/common-folder.ts';

const root = resolve('/');

test('the common folder of two folders is the deepest one that contains both', () => {
  for (const [one, other, expected] of [
    ['d/a', 'd/a', 'd/a'],
    ['d/a', 'd/b', 'd'],
    ['d', 'd/a/b', 'd'],
    ['d/ab', 'd/a', 'd'],
    ['d/a/x', 'd/b/x', 'd'],
    ['a', 'b', ''],
  ] as const) {
    const common = join(root, expected);
    assert.equal(commonFolder(join(root, one), join(root, other)), common);
    assert.equal(commonFolder(join(root, other), join(root, one)), common);
  }
});
