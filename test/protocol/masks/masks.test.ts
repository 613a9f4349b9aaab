import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
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
    ['[[[/[a]', '\\[\\[\\[/[a]'],
    ['a[b\\/[c]', 'a\\[b/[c]'],
    ['[\\][/[[]', '\\[\\]\\[/[[]'],
    ['[]a[/[]]', '[]a\\[/[]]'],
    ['{a}{}b', '\\{a\\}\\{\\}b'],
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

test('brackets that nothing closes are looked for once in each part of a mask, however many they are', t => {
  for (const part of ['[', '[!', 'a[b']) {
    for (const parts of [1, 5]) {
      const masks = (repeated: number) => [
        Array.from({length: parts}, () => part.repeat(repeated)).join('/'),
      ];
      assert.equal(failedSearches(t, masks(200)), failedSearches(t, masks(2)), part);
    }
  }

  const most = Array.from({length: 63}, () => '['.repeat(4096));
  assert.ok(failedSearches(t, most) < 63 * 20);
});

test('braces without a comma are expanded together with the text around them', t => {
  // The runner cannot mock methods of arrays.
  const {flatMap} = Array.prototype;
  let calls = 0;
  const counting = function (this: unknown[], ...args: Parameters<typeof flatMap>) {
    calls++;
    return flatMap.apply(this, args);
  };
  Object.defineProperty(Array.prototype, 'flatMap', {value: counting});
  t.after(() => Object.defineProperty(Array.prototype, 'flatMap', {value: flatMap}));
  const copies = (mask: string) => {
    calls = 0;
    prepareMasks([mask]);
    return calls;
  };
  for (const brace of ['{a}', '{}', '{{a}}']) {
    assert.equal(copies(`{a,b}${brace.repeat(500)}`), copies(`{a,b}${brace}`), brace);
    assert.ok(calls > 0);
  }

  assert.deepEqual(prepareMasks(['{a,b}{c}{{d,e}}']).include, [
    ...['a\\{c\\}\\{d\\}', 'a\\{c\\}\\{e\\}'],
    ...['b\\{c\\}\\{d\\}', 'b\\{c\\}\\{e\\}'],
  ]);
});

/** How many searches with an expression find nothing: each has looked at all of the text that it was given. */
function failedSearches(t: TestContext, masks: readonly string[]): number {
  const exec = t.mock.method(RegExp.prototype, 'exec');
  prepareMasks(masks);
  const failed = exec.mock.calls.filter(({result}) => result === null).length;
  exec.mock.restore();
  return failed;
}
