import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {commandOf, commandWords} from '../../../../source/commands/arguments/catalogue.ts';
import {helpText} from '../../../../source/commands/arguments/help.ts';
import {flagOf} from '../../../../source/commands/arguments/option-catalogue.ts';

test('the help names every command, and the help of a command each of its options', () => {
  const overview = helpText(undefined);
  for (const word of commandWords) {
    assert.ok(overview.includes(commandOf(word).usage));
    for (const option of commandOf(word).options) {
      assert.ok(helpText(word).includes(flagOf(option)), `${word} ${option}`);
    }
  }

  for (const line of overview.split('\n')) {
    assert.ok(line.length <= 100, line);
  }
});

for (const file of ['README.md', 'docs/commands.md']) {
  test(`${file} has every option in its table`, () => {
    const text = readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8');
    const rows = text.split('\n').filter(line => line.startsWith('| `-'));
    for (const option of new Set(commandWords.flatMap(word => commandOf(word).options))) {
      const flag = new RegExp(`${flagOf(option)}\\b`);
      assert.ok(
        rows.some(row => flag.test(row)),
        option,
      );
    }
  });
}
