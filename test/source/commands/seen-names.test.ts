import assert from 'node:assert/strict';
import {test} from 'node:test';
import {SeenNames} from '../../../source/commands/transfer/seen-names.ts';

test('on a disk that folds names, those that differ in case or Unicode form are one, row 14', () => {
  const seen = new SeenNames(() => true);
  assert.equal(seen.add('Fotos/caf\u00e9'), 'new');
  assert.equal(seen.add('fotos/CAFE\u0301'), 'taken');
  assert.equal(seen.add('fotos/CAFE\u0301'), 'taken');
  assert.equal(seen.add('Fotos/caf\u00e9'), 'twice');
  assert.equal(seen.add('fotos'), 'new');
  assert.equal(seen.add('FOTOS'), 'taken');
  assert.deepEqual([...seen], ['Fotos/caf\u00e9', 'fotos']);
});

test('on a disk that tells them apart they are several, and each comes once', () => {
  const seen = new SeenNames(() => false);
  for (const expected of ['new', 'twice']) {
    for (const name of ['a', 'A', 'caf\u00e9', 'CAFE\u0301']) {
      assert.equal(seen.add(name), expected, name);
    }
  }

  // The name here is the same on any disk.
  assert.equal(seen.add('x\udce9'), 'new');
  assert.equal(seen.add('x%E9'), 'taken');
  assert.deepEqual([...seen].sort(), ['A', 'CAFE\u0301', 'a', 'caf\u00e9', 'x\udce9']);
  assert.equal(seen.size, 5);
});
