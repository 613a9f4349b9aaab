import assert from 'node:assert/strict';
import {test} from 'node:test';
import {sparkline} from '../../../../../source/tui/view/line/sparkline.ts';
import {ascii, textOf, unicode} from '../lines.ts';

test('a sparkline shows the last values from zero to the highest, and a steady value as a line', () => {
  const text = (values: number[], columns: number) =>
    textOf(sparkline(unicode.glyphs, values, columns));
  assert.equal(text([1, 2, 3, 4, 5, 6, 7], 8), '▂▃▄▅▆▇█');
  assert.equal(text([9, 1, 4], 1), '▅');
  // Pauses do not count for the usual value, and small changes are not shown.
  assert.equal(text([0, 0, 100, 105, 95, 100], 8), '▁▁▅▅▅▅');
  assert.equal(text([100, 100, 200, 50, 100, 100], 8), '▅▅█▃▅▅');
  // A small value is still higher than zero.
  assert.equal(text([0, 1, 1000], 8), '▁▂█');
  assert.equal(text([], 8), '');
  assert.equal(text([1, 2], 0), '');
});

test('a sparkline of ASCII has a column for each value', () => {
  assert.equal(textOf(sparkline(ascii.glyphs, [0, 1, 50, 100], 8)), '_.=#');
  assert.equal(textOf(sparkline(ascii.glyphs, [1, 2, 3, 100], 2)), '.#');
});
