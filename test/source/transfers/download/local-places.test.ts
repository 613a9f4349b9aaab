import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LocalPlaces} from '../../../../source/transfers/download/local-places.ts';

const folder = '/nowhere';

test('on a disk that folds names, those that differ in case or Unicode form are one, row 14', () => {
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

test('on a disk that tells them apart they are several, and each place is had once', () => {
  const places = new LocalPlaces(folder, () => false);
  const names = ['a', 'A', 'caf\u00e9', 'CAFE\u0301', 'x\udce9'];
  for (const name of names) {
    assert.equal(places.take(name), undefined, name);
  }

  // The last one is the name that a byte has here, on any disk.
  for (const name of [...names, 'x%E9']) {
    assert.deepEqual(
      places.take(name),
      {code: 'exists', reason: 'another file would be saved under its name'},
      name,
    );
  }
});
