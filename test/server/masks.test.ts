import assert from 'node:assert/strict';
import {test} from 'node:test';
import {prepareMasks} from '../../server/masks.ts';

test('braces are expanded, within bounds', () => {
  const {include, exclude} = prepareMasks(['a{b,c{d,e}}f', '!x/{y,z}', '{a,}{b,}']);
  assert.deepEqual(include, ['abf', 'acdf', 'acef', 'ab', 'a', 'b']);
  assert.deepEqual(exclude, ['x/y', 'x/z']);
});
