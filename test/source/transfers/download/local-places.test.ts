import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LocalPlaces} from '../../../../source/transfers/download/local-places.ts';

const folder = '/nowhere';

test('on a disk that folds names, names that differ only in case or Unicode form are one place, row 14', () => {
  const places = new LocalPlaces(folder, () => true);
  assert.equal(places.take('Fotos/caf\u00e9'), undefined);
  for (const name of ['fotos/CAFE\u0301', 'FOTOS/caf\u00e9']) {
    const taken = places.take(name);
    assert.equal(taken?.code, 'exists');
    assert.match(taken?.reason ?? '', /apart from case or Unicode form$/);
  }

  assert.equal(places.take('fotos'), undefined);
  assert.match(places.take('FOTOS')?.reason ?? '', /apart from case/);
});

test('on a disk that does not fold names, they are different places, and each place is taken once', () => {
  const places = new LocalPlaces(folder, () => false);
  const names = ['a', 'A', 'caf\u00e9', 'CAFE\u0301', 'x\udce9'];
  for (const name of names) {
    assert.equal(places.take(name), undefined, name);
  }

  for (const name of names.slice(0, -1)) {
    const reason = 'another file is saved under the same name';
    assert.deepEqual(places.take(name), {code: 'exists', reason}, name);
  }
});

for (const folds of [true, false]) {
  test(`an escaped name that equals the name of another file is not reported as a matter of case, on a disk that ${folds ? 'folds names' : 'does not fold names'}`, () => {
    for (const names of [
      ['caf\udce9.txt', 'caf%E9.txt'],
      ['caf%E9.txt', 'caf\udce9.txt'],
    ]) {
      const places = new LocalPlaces(folder, () => folds);
      const [first = '', second = ''] = names;
      assert.equal(places.take(first), undefined);
      assert.deepEqual(places.take(second), {
        code: 'exists',
        reason: 'another file is saved under the same name',
      });
    }
  });
}
