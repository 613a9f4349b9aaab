import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {compareNames} from '../../../../../../source/tui/model/files/table/natural-order.ts';

suite('the order of names', () => {
  const cases: ReadonlyArray<[string, string[]]> = [
    ['numbers go by their value', ['page 2', 'page 9', 'page 10', 'page 100']],
    ['leading zeros change little', ['a1', 'a01', 'a2', 'a002b']],
    ['case and accents change little', ['agua', 'Água', 'AGUARDENTE', 'Zebra', 'zêbra']],
    ['long numbers are no trouble', ['9'.repeat(40), `1${'0'.repeat(40)}`]],
    ['a name comes before those that begin with it', ['foto', 'foto.jpg', 'foto1']],
  ];
  for (const [what, names] of cases) {
    test(what, () => {
      for (const [index, name] of names.entries()) {
        for (const later of names.slice(index + 1)) {
          const plainly = name.toLowerCase() !== later.toLowerCase();
          assert.ok(
            !plainly || compareNames(name, later) < 0 || sameBase(name, later),
            `${name} < ${later}`,
          );
        }
      }
    });
  }

  test('composed and decomposed accents sort side by side', () => {
    assert.deepEqual(['café b', 'cafe\u0301 a', 'café a'].sort(compareNames).at(-1), 'café b');
  });

  test('it is a total order: only equal names are equal, and there is no cycle', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'A', 'á', 'b', '0', '1', '2', '.', '\u0301', '日'),
    });
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        assert.equal(compareNames(a, b) < 0, compareNames(b, a) > 0);
        assert.equal(compareNames(a, b) === 0, a === b);
        if (compareNames(a, b) < 0 && compareNames(b, c) < 0) {
          assert.ok(compareNames(a, c) < 0, JSON.stringify([a, b, c]));
        }
      }),
      {numRuns: 2000},
    );
  });
});

function sameBase(a: string, b: string): boolean {
  const base = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return (
    base(a) === base(b) ||
    base(a).replaceAll(/0+(?=\d)/g, '') === base(b).replaceAll(/0+(?=\d)/g, '')
  );
}
