import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {SortedRows} from '../../../../../../source/tui/model/files/table/sorted-rows.ts';

const all = (rows: SortedRows): number[] =>
  Array.from({length: rows.size}, (_, position) => rows.at(position) ?? -1);

suite('rows kept in order', () => {
  test('rows are in order, in whatever order they arrive', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(10_000), {maxLength: 4000, size: 'max'}), ids => {
        const rows = new SortedRows((a, b) => a - b);
        for (const id of ids) {
          rows.insert(id);
        }

        const sorted = ids.toSorted((a, b) => a - b);
        assert.deepEqual(all(rows), sorted);
        assert.deepEqual([...rows], sorted);
        for (const [position, id] of sorted.entries()) {
          assert.equal(rows.indexOf(id), position);
          assert.equal(rows.rankOf(id), position);
        }
      }),
      {numRuns: 30},
    );
  });

  test('many rows are sorted in reverse and in a mixed order', () => {
    for (const order of [(n: number) => 49_999 - n, (n: number) => (n * 7919) % 50_000]) {
      const rows = new SortedRows((a, b) => a - b);
      for (let n = 0; n < 50_000; n++) {
        rows.insert(order(n));
      }

      assert.equal(rows.size, 50_000);
      assert.equal(rows.at(0), 0);
      assert.equal(rows.at(31_234), 31_234);
      assert.equal(rows.indexOf(49_999), 49_999);
      assert.equal(rows.at(50_000), undefined);
    }
  });

  test('a missing row has a rank and no index', () => {
    const rows = new SortedRows((a, b) => a - b);
    assert.equal(rows.indexOf(5), -1);
    assert.equal(rows.rankOf(5), 0);
    rows.insert(3);
    rows.insert(7);
    assert.equal(rows.indexOf(5), -1);
    assert.equal(rows.rankOf(5), 1);
    assert.equal(rows.indexOf(9), -1);
  });

  test('a copy changes independently', () => {
    const rows = new SortedRows((a, b) => a - b);
    rows.insert(1);
    const copy = rows.copy();
    rows.insert(0);
    copy.insert(2);
    assert.deepEqual(all(rows), [0, 1]);
    assert.deepEqual(all(copy), [1, 2]);
  });
});
