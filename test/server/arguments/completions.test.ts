import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Answer} from '../../../protocol/completion/answer.ts';
import {completions} from '../../../server/arguments/completions.ts';
import {optionNames} from '../../../server/arguments/option-words.ts';

const textsOf = ({words}: Answer) => words.map(({text}) => text);

test('all options are offered, except those that are on the line already', () => {
  assert.equal(textsOf(completions(['--'])).length, optionNames.length);
  assert.ok(textsOf(completions(['dir', '--'])).includes('--no-token'));
  assert.deepEqual(textsOf(completions(['--tls', '--tls-cert=x', '--tls'])), [
    '--tls-key',
    '--tls-min',
  ]);
});

for (const [words, kind, texts] of [
  [[''], 'folders', []],
  [['to'], 'folders', ['token']],
  [['comp'], 'folders', ['completion']],
  [['serve', ''], 'folders', []],
  [['dir', 'to'], 'folders', []],
  [['--', '--'], 'folders', []],
  [['--log-level', 'de'], 'words', ['debug']],
  [['--log-level=de'], 'words', ['--log-level=debug']],
  [['--tls-min', ''], 'words', ['1.2', '1.3']],
  [['--tls-cert', ''], 'files', []],
  [['--token-file='], 'files', []],
  [['--restrict', ''], 'folders', []],
  [['--host', ''], 'words', []],
  [['--tls', ''], 'folders', []],
  [['--bogus='], 'words', []],
  [['serve', '--max-connections-p'], 'words', ['--max-connections-per-address']],
  [['token', ''], 'words', ['add', 'list', 'remove']],
  [['token', 'add', 'ana', '--'], 'words', ['--folder', '--expires', '--token-file']],
  [['token', 'list', '--'], 'words', ['--token-file']],
  [['token', 'list', '--token-file', ''], 'files', []],
  [['completion', 'z'], 'words', ['zsh']],
] as const) {
  test(`jangada-server ${words.join(' ')} is followed by ${kind}: ${texts.join(' ')}`, () => {
    const answer = completions(words);
    assert.equal(answer.kind, kind);
    assert.deepEqual(textsOf(answer), texts);
  });
}
