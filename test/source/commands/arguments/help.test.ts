import assert from 'node:assert/strict';
import {globSync, readFileSync} from 'node:fs';
import {test} from 'node:test';
import {commandOf, commandWords} from '../../../../source/commands/arguments/catalogue.ts';
import {helpText} from '../../../../source/commands/arguments/help.ts';
import {flagOf, optionNames} from '../../../../source/commands/arguments/option-catalogue.ts';

test('the help about all options has each once, with the commands that take it', () => {
  const lines = helpText('options').split('\n');
  for (const option of optionNames) {
    const at = lines.findIndex(line =>
      new RegExp(`^ +(?:-\\w, )?${flagOf(option)}(?: |$)`).test(line),
    );
    assert.notEqual(at, -1, option);
    const takers = lines.slice(at + 1, lines.indexOf('', at)).join(' ');
    for (const word of commandWords.filter(word => commandOf(word).options.includes(option))) {
      const [group = word] = word.split(' ');
      assert.ok(
        takers.includes(word) || new RegExp(`\\b${group}\\b`).test(takers),
        `${option} ${word}`,
      );
    }
  }

  assert.match(helpText('options'), /--delete-partial .*\n +for queue cancel\n/);
  assert.match(helpText('options'), /--no-mouse .*\n +for the full screen\n/);
});

test('the help has every variable that the program reads', () => {
  const root = new URL('../../../../', import.meta.url);
  const code = globSync('{source,protocol}/**/*.{ts,tsx}', {cwd: root})
    .map(file => readFileSync(new URL(file, root), 'utf8'))
    .join('\n');
  const overview = helpText(undefined);
  for (const name of new Set(code.match(/\b(?:JANGADA_[A-Z]+|INK_SCREEN_READER)\b/g))) {
    assert.ok(overview.includes(name), name);
  }
});

test('the help of a command names its other words, and separates its own options from those for reaching the server', () => {
  assert.match(helpText('list'), /\nAlso: jangada ls\n/);
  assert.match(
    helpText('list'),
    /\nOptions\n {6}--sort KEY [\s\S]*\n {2}-h, --help [\s\S]*\nOptions for reaching the server\n {2}-s, --server ADDRESS/,
  );
  assert.doesNotMatch(helpText('queue list'), /reaching the server/);
});

test('the help has every command, and the help of a command has each of its options', () => {
  const overview = helpText(undefined);
  for (const word of commandWords) {
    assert.ok(overview.includes(commandOf(word).usage));
    for (const option of commandOf(word).options) {
      assert.ok(helpText(word).includes(flagOf(option)), `${word} ${option}`);
    }
  }

  for (const line of [undefined, 'options' as const, 'queue' as const, ...commandWords].flatMap(
    topic => helpText(topic).split('\n'),
  )) {
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

test('docs/commands.md says the same about each command as the help', () => {
  const text = readFileSync(new URL('../../../../docs/commands.md', import.meta.url), 'utf8');
  const lines = text.split('\n').map(line => line.replace(/ {2,}/, '  '));
  for (const command of ['open' as const, ...commandWords].map(commandOf)) {
    assert.ok(lines.includes(`${command.usage}  ${command.summary}`), command.usage);
  }
});
