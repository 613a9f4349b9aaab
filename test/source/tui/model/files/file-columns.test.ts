import assert from 'node:assert/strict';
import {test} from 'node:test';
import {columnGap, fileColumns} from '../../../../../source/tui/model/files/file-columns.ts';

test('the columns of the files fill the pane, and the name has most of it', () => {
  for (let columns = 38; columns < 200; columns++) {
    const {front, name, size, changed, here} = fileColumns(columns);
    const shown = [name, size, changed, here].filter(width => width > 0);
    const taken = shown.reduce((sum, width) => sum + width, front + 1);
    assert.equal(taken + (shown.length - 1) * columnGap, columns);
    assert.ok(name >= 18, `${name} in ${columns}`);
  }
});

test('the date is the first column to be left out', () => {
  assert.ok(fileColumns(71).changed > 0);
  assert.equal(fileColumns(46).changed, 0);
  assert.ok(fileColumns(38).here > 0);
});
