import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {layoutFor, panes, type Size} from '../../../../source/tui/model/layout.ts';

const idle = {transfers: 0};

suite('the places of the panes', () => {
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
      assert.equal(layoutFor({columns, rows}, 'files', idle).mode, mode);
    });
  }

  test('at any size the panes and their walls exactly fill the screen between header and footer', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 40, max: 400}),
        fc.integer({min: 10, max: 200}),
        fc.constantFrom(...panes),
        fc.constantFrom(0, 1, 4, 1_000_000),
        (columns, rows, focus, transfers) => {
          const {mode, panes: areas} = layoutFor({columns, rows}, focus, {transfers});
          const {files, verifier, transfers: queue} = areas;
          assert.ok(areas[focus].rows >= 1, 'the pane with the keys is never folded');
          if (mode === 'wide') {
            assert.equal(files.left + files.columns + 1, verifier.left);
            assert.equal(verifier.left + verifier.columns + 1, columns);
            assert.deepEqual([files.top, files.rows], [verifier.top, verifier.rows]);
            assert.equal(files.top + files.rows + 1, queue.top);
            assert.ok(files.rows >= queue.rows, 'the files have most of the room');
          } else {
            assert.equal(files.top + files.rows + 1, verifier.top);
            assert.equal(verifier.top + verifier.rows + 1, queue.top);
          }

          // Below the last row are its wall, unless the pane consists of its wall, and the footer.
          assert.equal(queue.top + queue.rows + (queue.rows === 0 ? 0 : 1), rows - 1);
        },
      ),
    );
  });

  test('an idle queue has two rows with its wall, and a working one as many as it needs, up to a part of the screen', () => {
    const heights = (size: Size, transfers: number) =>
      layoutFor(size, 'files', {transfers}).panes.transfers.rows;
    assert.deepEqual(
      [0, 1, 4, 5000].map(count => heights({columns: 120, rows: 40}, count)),
      [1, 1, 4, 14],
    );
    assert.deepEqual(
      [0, 4, 5000].map(count => heights({columns: 80, rows: 24}, count)),
      [1, 4, 7],
    );
    assert.equal(heights({columns: 200, rows: 60}, 5000), 22);
    assert.equal(heights({columns: 60, rows: 30}, 3), 3);
  });

  test('on a low and narrow screen the pane with the keys is open, and the others have a line each', () => {
    const rows = (focus: (typeof panes)[number]) =>
      Object.values(layoutFor({columns: 60, rows: 15}, focus, idle).panes).map(({rows}) => rows);
    assert.deepEqual(rows('files'), [10, 0, 0]);
    assert.deepEqual(rows('verifier'), [0, 10, 0]);
    assert.deepEqual(rows('transfers'), [0, 0, 9]);
  });
});
