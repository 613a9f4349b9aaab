import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {hashOf, NameStore} from '../../../../../../source/tui/model/files/table/name-store.ts';

suite('names that are stored as bytes', () => {
  test('any name is read back unchanged', () => {
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
      }),
    );
  });

  test('the hash of each name is that of its string', () => {
    const store = new NameStore();
    const ends = ['a', 'é', '日', '👩‍👩‍👧', '\udcff', ''];
    const names = Array.from(
      {length: 5000},
      (_, index) => `日 ${index}${ends[index % ends.length]}`,
    );
    for (const name of names) {
      store.add(name);
    }

    const hashes: number[] = [];
    store.eachHash((index, hash) => {
      hashes[index] = hash;
    });
    assert.deepEqual(hashes, names.map(hashOf));
  });

  for (const [what, nameOf] of [
    ['nothing', (index: number) => `${String.fromCharCode(97 + (index % 26))}${index}`],
    ['all of them but one', (index: number) => `IMG_${index === 3000 ? '日' : index}`],
    [
      'half of a character',
      (index: number) => `\ud83d${String.fromCharCode(0xdc00 + (index % 900))}`,
    ],
    ['all of the shortest', (index: number) => 'a'.repeat(1 + (index % 200))],
  ] as const) {
    test(`names that share ${what} at their beginning are read back`, () => {
      const store = new NameStore();
      const names = Array.from({length: 5000}, (_, index) => nameOf(index));
      for (const name of names) {
        store.add(name);
      }

      assert.deepEqual(
        names.map((_, index) => store.at(index)),
        names,
      );
    });
  }

  test('long names, and many names, fill page after page', () => {
    const store = new NameStore();
    const nameOf = (index: number) => (index % 3 === 0 ? '日' : 'x').repeat(4000) + index;
    for (let index = 0; index < 4500; index++) {
      store.add(nameOf(index));
    }

    for (let index = 0; index < 4500; index++) {
      assert.equal(store.at(index), nameOf(index));
    }
  });
});
