import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {quoteForBash, readBashLine} from '../../../protocol/completion/bash-line.ts';

const hasBash = spawnSync('bash', ['-c', 'true']).status === 0;

suite('a line of bash that is being typed', () => {
  for (const [line, words, quote = 'none'] of [
    ['jangada ', ['jangada', '']],
    ['jangada  sget   a', ['jangada', 'sget', 'a']],
    ['a \'b c\' d\\ e "f g"', ['a', 'b c', 'd e', 'f g']],
    ['a \'\' "" ', ['a', '', '', '']],
    ['a "b\\"c\\\\d\\e', ['a', 'b"c\\d\\e'], 'double'],
    ["a 'b\\", ['a', 'b\\'], 'single'],
    // Bash completes to here if all candidates continue with a quoted character.
    ['a b\\ \\', ['a', 'b ']],
    ['a "b\\', ['a', 'b'], 'double'],
    ['a b\'c\'"d"e', ['a', 'bcde']],
    ['a "b', ['a', 'b'], 'double'],
    ['a é\\ û', ['a', 'é û']],
    ['a b\u00a0c\u2000d e', ['a', 'b\u00a0c\u2000d', 'e']],
    ['a b\\\nc', ['a', 'bc']],
    ['a $HOME b', ['a', undefined, 'b']],
    ['a "$(rm x)" `b` c$d', ['a', undefined, undefined, undefined]],
    ["a '$x' \\$x", ['a', '$x', '$x']],
    ['a >b', ['a', undefined]],
    ["a $'b\\tc' d", ['a', undefined, 'd']],
  ] as const) {
    test(`is read without its quotes, and without expansion: ${JSON.stringify(line)}`, () => {
      assert.deepEqual(readBashLine(line), {words, quote});
    });
  }

  test('gives back every quoted word, in each kind of quotes', () => {
    const word = fc.string({unit: 'grapheme', minLength: 1}).filter(text => !/[\0\n]/.test(text));
    fc.assert(
      fc.property(word, text => {
        for (const [quote, mark] of [
          ['none', ''],
          ['single', "'"],
          ['double', '"'],
        ] as const) {
          const line = `x ${mark}${quoteForBash(text, quote)}${mark} y`;
          assert.deepEqual(readBashLine(line).words, ['x', text, 'y'], line);
        }
      }),
    );
  });

  test('is read as bash reads it', {skip: !hasBash && 'bash is not installed'}, () => {
    const texts = [
      'a b',
      "it's",
      '"q"',
      '$(touch x)',
      '`x`',
      '!x',
      '~',
      '#',
      '*?[]{}',
      '\\',
      '=;&|<>()^%',
      'a\u00a0b\u2000c',
    ];
    for (const quote of ['none', 'single', 'double'] as const) {
      const mark = {none: '', single: "'", double: '"'}[quote];
      const line = texts.map(text => `${mark}${quoteForBash(text, quote)}${mark}`).join(' ');
      const {stdout} = spawnSync('bash', ['-c', `printf '%s\\0' ${line}`], {encoding: 'utf8'});
      assert.deepEqual(stdout.split('\0').slice(0, -1), texts);
    }
  });
});
