import assert from 'node:assert/strict';
import {test} from 'node:test';
import {mayMatch} from '../../../source/commands/transfer/may-match.ts';
import {startEffort} from '../../fixtures/effort.ts';

const names: readonly (readonly [string, string, boolean])[] = [
  ['**', 'a/b/c', true],
  ['*', 'a', true],
  ['*', 'a/b', false],
  ['*.jpg', 'a.jpg', true],
  ['*.jpg', 'a.jpg.exe', false],
  ['**/*.jpg', 'a.jpg', true],
  ['**/*.jpg', 'x/y/a.jpg', true],
  ['**/*.jpg', 'x/y/a.png', false],
  ['photos/**', 'photos/x/y', true],
  ['photos/**', 'other/x', false],
  ['a/**/z', 'a/z', true],
  ['a/**/z', 'a/b/c/z', true],
  ['a/**/z', 'a/b/c', false],
  ['f?.txt', 'f1.txt', true],
  ['f?.txt', 'f12.txt', false],
  ['f?.txt', 'fé.txt', true],
  ['[a-c].txt', 'b.txt', true],
  ['[a-c].txt', 'bb.txt', false],
  ['{a,b}.txt', 'b.txt', true],
  ['{a,b}.txt', 'c.txt', false],
  ['{a,{b,c}x}.txt', 'cx.txt', true],
  ['{a,{b,c}x}.txt', 'c.txt', false],
  ['{1..3}.txt', '2.txt', true],
  ['.*', '.hidden', true],
  ['*', '.hidden', true],
  ['a\\*b', 'a*b', true],
  ['!x', 'anything', true],
];

for (const [mask, name, expected] of names) {
  test(`${name} ${expected ? 'may match' : 'cannot match'} ${mask}`, () => {
    assert.equal(mayMatch(name, [mask]), expected);
  });
}

test('a mask with a slash at its end can match folders alone, and FOLDER/** the folder itself', () => {
  for (const [mask, name, file, folder] of [
    ['**/', 'a/b', false, true],
    ['a/', 'a', false, true],
    ['a//', 'a', false, true],
    ['a//b', 'a/b', true, true],
    ['{a,b}/', 'b', false, true],
    ['{a/,b}', 'a', false, true],
    ['a/', 'b', false, false],
    ['a/**', 'a', true, true],
    ['a/*', 'a', false, false],
    ['**/*.jpg', 'a', false, false],
  ] as const) {
    assert.equal(mayMatch(name, [mask]), file, mask);
    assert.equal(mayMatch(name, [mask], true), folder, mask);
  }
});

test('one of several masks is enough, and excludes do not include', () => {
  assert.equal(mayMatch('b', ['a', 'b', '!c']), true);
  assert.equal(mayMatch('c', ['a', 'b', '!c']), false);
});

test('masks and names made to be slow are not', () => {
  const effortMs = startEffort();
  mayMatch('a'.repeat(255), [`${'*a'.repeat(100)}b`]);
  mayMatch('x', ['{a,b}'.repeat(40)]);
  mayMatch(Array.from({length: 64}, () => 'a').join('/'), [`${'**/a/'.repeat(30)}b`]);
  assert.ok(effortMs() < 1000);
});
