import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Listed} from '../../../../server/store/bucket/s3/listing.ts';
import {SettledKeys} from '../../../../server/store/bucket/settled-keys.ts';

function settle(keys: readonly string[]): string[] {
  const settled = new SettledKeys();
  const listed = keys.map(
    (key): Listed =>
      key.endsWith('/') ? {kind: 'folder', key} : {kind: 'object', key, size: 0, mtimeMs: 0},
  );
  return [...listed.flatMap(key => settled.add(key)), ...settled.rest()].map(({key}) => key);
}

test('an object with the name of a folder is left out, however many keys are between the two', () => {
  const cases: [keys: string[], left: string[]][] = [
    [['a', 'a/'], ['a/']],
    [['a', 'a/b'], ['a/b']],
    [
      ['a', 'a!', 'a-b', 'a.txt', 'a/'],
      ['a/', 'a!', 'a-b', 'a.txt'],
    ],
    [
      ['a', 'a!', 'a!/', 'a/'],
      ['a!/', 'a/'],
    ],
    [
      ['a', 'a!', 'a!/x', 'a/x'],
      ['a!/x', 'a/x'],
    ],
    [
      ['a', 'ab', 'b'],
      ['a', 'ab', 'b'],
    ],
    [
      ['a', 'b', 'b/'],
      ['a', 'b/'],
    ],
    [['a'], ['a']],
    [[], []],
  ];
  for (const [keys, left] of cases) {
    assert.deepEqual(settle(keys).toSorted(), left.toSorted(), keys.join(' '));
  }
});

test('an object is held back only while a folder of its name may follow', () => {
  const settled = new SettledKeys();
  const object = (key: string): Listed => ({kind: 'object', key, size: 0, mtimeMs: 0});
  assert.deepEqual(settled.add(object('a')), []);
  assert.deepEqual(settled.add(object('a-')), []);
  assert.deepEqual(
    settled.add(object('b')).map(({key}) => key),
    ['a', 'a-'],
  );
});
