import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isJangadaError} from '../../../protocol/errors.ts';
import {splitWords} from '../../../protocol/program/split-words.ts';

test('a program and its arguments are split at white space, except inside quotes', () => {
  assert.deepEqual(splitWords('ssh', '--ssh'), ['ssh']);
  assert.deepEqual(splitWords(' ssh  -i "my key" -o\'a b\'c "" ', '--ssh'), [
    'ssh',
    '-i',
    'my key',
    '-oa bc',
    '',
  ]);
});

test('a missing program and an unclosed quote are refused, with the name of the option', () => {
  for (const text of ['', '  ', '""', 'ssh "a', "ssh 'a"]) {
    assert.throws(
      () => splitWords(text, '--ssh'),
      error =>
        isJangadaError(error, 'usage') &&
        error.message.includes(`Invalid value '${text}' for --ssh: `),
      text,
    );
  }
});
