import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {hashOf, NameStore} from '../../../../../../source/tui/model/files/table/name-store.ts';

suite('names that are stored as bytes', () => {
  test('any name comes back as it was', () => {
    const unit = fc.constantFrom('a', 'é', 'ÿ', '日', '👩‍👩‍👧', '\udcff', '\ud800', '\u0000', '/');
    fc.assert(
      fc.property(fc.array(fc.string({unit}), {maxLength: 50}), names => {
        const store = new NameStore();
        for (const name of names) {
          store.add(name);
        }

        assert.equal(store.size, names.length);
        assert.deepEqual(
          names.map((_, index) => store.at(index)),
          names,
        );
        assert.equal(store.at(names.length), '');
        assert.deepEqual(
          names.map((_, index) => store.hashAt(index)),
          names.map(hashOf),
        );
      }),
    );
  });

  test('long names and many fill chunk after chunk', () => {
    const store = new NameStore();
    const nameOf = (index: number) => (index % 3 === 0 ? '日' : 'x').repeat(4000) + index;
    for (let index = 0; index < 1500; index++) {
      store.add(nameOf(index));
    }

    for (let index = 0; index < 1500; index++) {
      assert.equal(store.at(index), nameOf(index));
    }
  });
});
