import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {layoutFor, panes} from '../../../../source/tui/model/layout.ts';

suite('where the panes go', () => {
  const cases: ReadonlyArray<[number, number, string]> = [
    [120, 40, 'wide'],
    [80, 24, 'wide'],
    [70, 10, 'wide'],
    [69, 24, 'stacked'],
    [60, 15, 'folded'],
    [40, 10, 'folded'],
    [39, 10, 'tooSmall'],
    [120, 9, 'tooSmall'],
  ];
  for (const [columns, rows, mode] of cases) {
    test(`${columns} x ${rows} is ${mode}`, () => {
      assert.equal(layoutFor({columns, rows}, 'files').mode, mode);
    });
  }

  test('at any size the panes fill the screen between header and footer exactly', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 40, max: 400}),
        fc.integer({min: 10, max: 200}),
        fc.constantFrom(...panes),
        (columns, rows, focus) => {
          const {mode, panes: sizes} = layoutFor({columns, rows}, focus);
          const heights = Object.values(sizes).map(size => size.rows);
          const total = heights.reduce((sum, height) => sum + height, 0);
          if (mode === 'wide') {
            assert.equal(sizes.files.columns + sizes.verifier.columns, columns);
            assert.equal(sizes.files.rows, sizes.verifier.rows);
            assert.equal(sizes.files.rows + sizes.transfers.rows, rows - 2);
          } else {
            assert.equal(total, rows - 2);
          }

          assert.ok(heights.every(height => height === 1 || height >= 4));
          assert.ok(sizes[focus].rows >= 4, 'the pane with the keys is never folded');
        },
      ),
    );
  });
});
