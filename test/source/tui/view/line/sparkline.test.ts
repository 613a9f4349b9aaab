import assert from 'node:assert/strict';
import {test} from 'node:test';
import {sparkline} from '../../../../../source/tui/view/line/sparkline.ts';
import {ascii, textOf, unicode} from '../lines.ts';

test('a sparkline is as high as the highest value, two values in a column of dots', () => {
  const text = (values: number[], columns: number) =>
    textOf(sparkline(unicode.glyphs, values, columns));
  assert.equal(text([1, 1, 2, 2, 3, 3, 4, 4], 8), '⣀⣤⣶⣿');
  assert.equal(text([0, 100], 8), '⢸');
  assert.equal(text([9, 1, 4], 1), '⣸');
  assert.equal(text([4], 8), '⢸');
  assert.equal(text([0, 0], 8), '⠀');
  assert.equal(text([], 8), '');
  assert.equal(text([1, 2], 0), '');
  assert.equal(
    [
      ...text(
        Array.from({length: 32}, () => 1),
        16,
      ),
    ].length,
    16,
  );
});

test('a sparkline of ASCII has a column for each value', () => {
  assert.equal(textOf(sparkline(ascii.glyphs, [0, 1, 50, 100], 8)), '_.=#');
  assert.equal(textOf(sparkline(ascii.glyphs, [1, 2, 3, 100], 2)), '.#');
});
