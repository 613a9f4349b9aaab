import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isJangadaError} from '../../../protocol/errors.ts';
import {MaskJudge} from '../../../protocol/masks/mask-judge.ts';
import {prepareMasks} from '../../../protocol/masks/masks.ts';

test('braces are expanded, within bounds', () => {
  const {include, exclude} = prepareMasks(['a{b,c{d,e}}f', '!x/{y*,z*}', '{a,}{b,}']);
  assert.deepEqual(include, ['abf', 'acdf', 'acef', 'ab', 'a', 'b']);
  assert.deepEqual(exclude, ['x/y*', 'x/z*']);
});

test('the number of masks that all braces together expand to is limited', () => {
  const hundred = '{0,1,2,3,4,5,6,7,8,9}{0,1,2,3,4,5,6,7,8,9}';
  const masks = Array.from({length: 10}, (_, index) => `${index}${hundred}`);
  assert.equal(prepareMasks(masks).include.length, 1000);
  assert.throws(
    () => prepareMasks([...masks, '!one more']),
    error => isJangadaError(error, 'bad_mask'),
  );
});

test('excludes without an include apply to everything', () => {
  assert.deepEqual(prepareMasks(['!a*']), {include: ['**'], exclude: ['a*']});
});

test('an exclude that ends in a name also excludes everything in a folder of that name', () => {
  const masks = ['!sub', '!a\\*b', '!x (1)', '!s*', '!sub/', '![ab]'];
  assert.deepEqual(prepareMasks(masks).exclude, [
    'sub/**',
    'a\\*b/**',
    'x \\(1\\)/**',
    's*',
    'sub/',
    '[ab]',
  ]);
});

test('characters that are special only to the library are taken literally', () => {
  for (const [mask, glob] of [
    ['a(b|c)', 'a\\(b\\|c\\)'],
    ['say "hi"', 'say ["]hi["]'],
    ['[ab]+', '[ab][+]'],
    ['sub/!x', 'sub/\\!x'],
    ['\\data', 'data'],
    ['sub\\/a', 'sub/a'],
    ['a//b', 'a/b'],
    ['a[', 'a\\['],
    ['a[b/c]', 'a\\[b/c]'],
    ['p[+-0]q', 'p[+-.0-0]q'],
  ] as const) {
    assert.deepEqual(prepareMasks([mask]).include, [glob], mask);
  }
});

test('a mask that leads out of the folder is refused, however it is written', () => {
  for (const mask of [
    '/a',
    '../a',
    'a/../b',
    '\\.\\./a',
    '{..,a}/b',
    './a',
    '!../a',
    'a\0',
    '{a',
  ]) {
    assert.throws(
      () => prepareMasks([mask]),
      error => isJangadaError(error, 'bad_mask'),
      mask,
    );
  }
});

test('a name matches if one mask includes it and none excludes it', () => {
  const judge = new MaskJudge(prepareMasks(['a', 'b/**', '!b/c*']));
  assert.equal(judge.matches('a', 'file'), true);
  assert.equal(judge.matches('b/d', 'file'), true);
  assert.equal(judge.matches('b/c1', 'file'), false);
  assert.equal(judge.matches('c', 'file'), false);
});

test('as many masks, characters and nested braces as a request may have are taken, and no more', () => {
  const nested = (depth: number) => `${'{a,'.repeat(depth)}${'}'.repeat(depth)}`;
  for (const [last, next] of [
    [Array(64).fill('a'), Array(65).fill('a')],
    [['a'.repeat(4096)], ['a'.repeat(4097)]],
    [[nested(32)], [nested(33)]],
  ]) {
    assert.equal(typeof prepareMasks(last ?? []).include[0], 'string');
    assert.throws(() => prepareMasks(next ?? []), {code: 'bad_mask'});
  }
});
