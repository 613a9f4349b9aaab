import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {test} from 'node:test';
import {nameFromBytes, nameToBytes} from '../../protocol/remote-path.ts';
import {quoteWord, unquoteWords} from '../../protocol/shell-words.ts';

const bytes = Uint8Array.from({length: 255}, (_, index) => index + 1);
const hostile = [
  nameFromBytes(bytes),
  // Each byte twice, between letters: an escape sequence must not include the next character.
  nameFromBytes(Uint8Array.from([...bytes].flatMap(byte => [97, byte, byte, 98]))),
  'two\n\nlines\n',
  '\n',
  '',
  '~',
  '-rf',
  '=ls',
  '$(touch evil)`touch evil`"$HOME"\'$HOME\'',
  '!! ^a^b {a,b} [a-z] *? #no',
  'ação 🌊 \u00a0\u2028',
  '\udcff\n',
];

for (const shell of ['sh', 'bash', 'dash', 'zsh', 'fish']) {
  const skip = spawnSync(shell, ['-c', ':']).status === 0 ? false : `${shell} is not installed`;
  test(`${shell} reads a quoted word as it was before quoting, with every byte from 1 to 255`, {
    skip,
  }, () => {
    for (const word of hostile) {
      const {stdout, stderr} = spawnSync(shell, ['-c', `printf %s ${quoteWord(word)}`]);
      assert.deepEqual(stdout, nameToBytes(word), `${JSON.stringify(word)} ${stderr}`);
    }
  });
}

test('a command line of quoted words is parsed back into these words', () => {
  for (const word of hostile) {
    const line = `FOO=1 ~/bin/jangada-server --stdio -- ${quoteWord(word)}`.replace(
      'FOO=1 ~',
      '/x',
    );
    assert.deepEqual(unquoteWords(line), ['/x/bin/jangada-server', '--stdio', '--', word]);
  }

  assert.deepEqual(unquoteWords('  a  b '), ['a', 'b']);
});

test('a command line with anything else in it is not parsed', () => {
  for (const line of [
    'a; b',
    'a "b"',
    "a 'b'",
    'a $HOME',
    'a `b`',
    'a "$(b)"',
    'a\nb',
    'a \\',
    'a|b',
    'a\\b',
  ]) {
    assert.equal(unquoteWords(line), undefined, line);
  }
});
