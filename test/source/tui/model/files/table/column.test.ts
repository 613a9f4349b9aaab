import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {Column, pageRows} from '../../../../../../source/tui/model/files/table/column.ts';
import {collectGarbage} from '../../../../../fixtures/server/garbage.ts';

/** So many rows that other allocations of this process do not matter. */
const rows = pageRows * 64;
const now = 1_795_999_600_000;
const filled = (numbers: readonly number[]): Column => {
  const column = new Column();
  for (const number of numbers) {
    column.push(number);
  }

  return column;
};

suite('a column of numbers', () => {
  test('gives each number back unchanged, whatever is beside it', () => {
    const kinds = [
      fc.nat(2),
      fc.nat(300),
      fc.nat(70_000),
      fc.nat(2 ** 31),
      fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, 0.1, 1e300, -1e300),
      fc.nat(4_000_000).map(ns => now + ns / 1e6),
      fc.double({noNaN: true, noDefaultInfinity: true}).map(number => number + 0),
    ];
    const pages = fc.array(
      fc
        .integer({min: 0, max: kinds.length - 1})
        .chain(kind => fc.array(kinds[kind] ?? fc.nat(), {minLength: 1, maxLength: 20})),
      {minLength: 1, maxLength: 3},
    );
    fc.assert(
      fc.property(pages, fc.nat(pageRows), (few, more) => {
        // Each page repeats a few numbers, and the last page may be incomplete.
        const numbers = few.flatMap((some, index) =>
          Array.from(
            {length: index === few.length - 1 ? more : pageRows},
            (_, place) => some[place % some.length] ?? 0,
          ),
        );
        const column = filled(numbers);
        assert.deepEqual(
          numbers.map((_, row) => column.at(row)),
          numbers,
        );
        assert.equal(column.at(numbers.length), 0);
        assert.equal(column.at(numbers.length + pageRows), 0);
      }),
      {numRuns: 50},
    );
  });

  for (const [what, numberAt, bytes] of [
    ['that are all alike', () => now, 0],
    ['below 256 apart', (row: number) => now + (row % 256), 1],
    ['below 65,536 apart', (row: number) => (row * 7919) % 65_536, 2],
    ['below 4 GiB apart', (row: number) => 2 ** 40 + ((row * 7919) % pageRows) * 2 ** 20, 4],
    ['of files that were written one after the other', (row: number) => now + row / 3, 4],
    ['far apart', (row: number) => row * 2 ** 33, 8],
  ] as const) {
    test(`keeps numbers ${what} in ${bytes} bytes each`, () => {
      collectGarbage();
      const before = process.memoryUsage().arrayBuffers;
      const column = filled(Array.from({length: rows}, (_, row) => numberAt(row)));
      collectGarbage();
      // Other parts of the process may have freed memory meanwhile.
      const kept = process.memoryUsage().arrayBuffers - before;
      assert.equal(Math.round(kept / rows), bytes);
      assert.equal(column.at(5), numberAt(5));
    });
  }
});
