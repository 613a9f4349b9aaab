import assert from 'node:assert/strict';
import {test} from 'node:test';
import {wordOf} from '../../../server/arguments/flags.ts';
import {helpText} from '../../../server/arguments/help-text.ts';
import {optionNames} from '../../../server/arguments/option-words.ts';

test('the help of the server has each option once, with its value', () => {
  const lines = helpText().split('\n');
  for (const name of optionNames) {
    const option = new RegExp(`^ +(?:-\\w, )?--${wordOf(name)}(?: [A-Z]| {2})`);
    assert.equal(lines.filter(line => option.test(line)).length, 1, name);
  }

  for (const line of lines) {
    assert.ok(line.length <= 100, line);
  }
});
