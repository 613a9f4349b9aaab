import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {nameKey, sharedPrefix} from '../../../../../../source/tui/model/files/table/name-keys.ts';
import {compareNames} from '../../../../../../source/tui/model/files/table/natural-order.ts';

const text = fc.string({
  unit: fc.constantFrom('a', 'A', 'á', 'b', '-', '0', '1', '2', '9', '.', '\u0301', '日', 'ÿ', 'ĸ'),
  maxLength: 12,
});
const digits = fc.string({unit: fc.constantFrom('0', '1', '9'), maxLength: 70});
const name = fc.oneof(
  text,
  fc.tuple(text, digits, text).map(parts => parts.join('')),
);

suite('keys of names', () => {
  test('a key never contradicts the order of the names', () => {
    fc.assert(
      fc.property(
        text,
        fc.array(name, {minLength: 2, maxLength: 2}),
        fc.boolean(),
        (start, pair, both) => {
          const [a = '', b = ''] = pair.map((each, index) =>
            both || index === 0 ? start + each : each,
          );
          for (const prefix of ['', sharedPrefix([a, a, b]), sharedPrefix([a, b])]) {
            const order = nameKey(a, prefix) - nameKey(b, prefix);
            if (order < 0 || order > 0) {
              assert.equal(
                Math.sign(order),
                Math.sign(compareNames(a, b)),
                JSON.stringify([a, b, prefix]),
              );
            }
          }
        },
      ),
      {numRuns: 20_000},
    );
  });

  test('names that differ after a long common prefix have different keys', () => {
    const names = Array.from({length: 1000}, (_, index) => `IMG_2025_holiday_${index * 37}.jpg`);
    const prefix = sharedPrefix(names);
    assert.equal(prefix, 'IMG_2025_holiday_');
    assert.equal(new Set(names.map(each => nameKey(each, prefix))).size, 1000);
  });

  test('a prefix counts if half of the names share it', () => {
    const pictures = Array.from({length: 60}, (_, index) => `holiday-${index}`);
    assert.equal(sharedPrefix([...pictures, 'README', 'zebra', 'a']), 'holiday-');
    assert.equal(sharedPrefix(['x1', 'y2', 'z3']), '');
    assert.equal(sharedPrefix([]), '');
  });

  test('a name without the prefix sorts before or after all names with it', () => {
    assert.ok(nameKey('Aardvark', 'holiday-') < nameKey('holiday-1', 'holiday-'));
    assert.ok(nameKey('zebra', 'holiday-') > nameKey('holiday-99', 'holiday-'));
    // This name could lie among them, so it has no key.
    assert.ok(Number.isNaN(nameKey('Holiday-5', 'holiday-')));
  });
});
