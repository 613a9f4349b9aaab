import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {RowSet} from '../../../../../../source/tui/model/files/marks/row-set.ts';

suite('a set of rows', () => {
  test('has its rows in the order in which they were added, also a row that is added again', () => {
    const rows = new RowSet();
    for (const row of [7, 0, 5000, 3]) {
      assert.equal(rows.add(row), true);
    }

    assert.equal(rows.add(0), false);
    assert.equal(rows.delete(7), true);
    assert.equal(rows.delete(7), false);
    assert.equal(rows.delete(99_999), false);
    rows.add(7);
    assert.deepEqual([[...rows], rows.size], [[0, 5000, 3, 7], 4]);
    assert.deepEqual(
      [0, 1, 7, 5000, 5001].map(row => rows.has(row)),
      [true, false, true, true, false],
    );
  });

  test('keeps the order over many additions and removals', () => {
    const rows = new RowSet();
    const same = new Set<number>();
    let row = 1;
    for (let step = 0; step < 20_000; step++) {
      row = (row * 48_271) % 2_147_483_647;
      const next = row % 700;
      if (same.delete(next)) {
        assert.ok(rows.delete(next));
      } else {
        same.add(next);
        assert.ok(rows.add(next));
      }
    }

    assert.deepEqual([...rows], [...same]);
    assert.equal(rows.size, same.size);
  });
});
