/** The table of docs/deploy.md has every option of `jangada-server`, with the values and defaults of the program. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {parseCliOptions} from '../../server/arguments/cli-options.ts';
import {wordOf} from '../../server/arguments/flags.ts';
import {optionNames, optionWords} from '../../server/arguments/option-words.ts';
import {readPage} from './lines/page.ts';

const [header, ...rows] =
  readPage('deploy').tables.find(([first]) => first?.[0] === 'option') ?? [];

/** The text beside an option of this spelling. */
function meaningOf(option: string): string {
  return rows.find(([cell = '']) => cell.includes(`\`${option}\``))?.[1] ?? '';
}

test('the table has the options of the help, in the order of the help and with the same words for values', () => {
  assert.deepEqual(header, ['option', 'meaning']);
  const onPage = rows.flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)]);
  assert.deepEqual(
    onPage.map(([, option]) => option),
    optionNames.flatMap(name => {
      const {short, value} = optionWords[name];
      const option = `--${wordOf(name)}${value === undefined ? '' : ` ${value}`}`;
      return short === undefined ? [option] : [`-${short}`, option];
    }),
  );
});

test('the table has each number that is a default in the help', () => {
  for (const name of optionNames) {
    const {summary, value = ''} = optionWords[name];
    const [, number] = /\(default: ([\d.]+)[,)]/.exec(summary) ?? [];
    if (number !== undefined) {
      const meaning = meaningOf(`--${wordOf(name)} ${value}`);
      assert.ok(meaning.includes(`(${number}`), `--${wordOf(name)}: ${number} in '${meaning}'`);
    }
  }
});

test('the program takes the ends of each range in the table, and no number beyond them', () => {
  const ranges = rows.flatMap(([cell = '', meaning = '']) => {
    const [, option = ''] = /`(--[\w-]+)/.exec(cell) ?? [];
    const [, low, high] = /; (\d+) to (\d+)\)/.exec(meaning) ?? [];
    return low === undefined ? [] : [{option, low: Number(low), high: Number(high)}];
  });
  assert.deepEqual(
    ranges.map(({option}) => option),
    optionNames
      .filter(name => ['N', 'PORT', 'SECONDS', 'MS'].includes(optionWords[name].value ?? ''))
      .map(name => `--${wordOf(name)}`),
  );
  for (const {option, low, high} of ranges) {
    const parse = (value: number) =>
      parseCliOptions([
        option,
        String(value),
        ...(option === '--classic-pause' ? ['--classic'] : []),
      ]);
    parse(low);
    parse(high);
    for (const beyond of low === 0 ? [high + 1] : [low - 1, high + 1]) {
      assert.throws(() => parse(beyond), {code: 'usage'}, `${option} ${beyond}`);
    }
  }
});

/** Values for these options; others get 1. */
const values: Readonly<Record<string, string>> = {'--limit': '10M', '--log-level': 'info'};

test('with --stdio the program accepts only the options that the page names', () => {
  const text = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
  const [, sentence = ''] = /^With `--stdio`, only (.*) are allowed\.$/m.exec(text) ?? [];
  const taken = optionNames
    .filter(name => !['stdio', 'help', 'version'].includes(name))
    .map(name => [`--${wordOf(name)}`, optionWords[name].value] as const)
    .filter(([option, value]) => {
      try {
        const words = value === undefined ? [] : [values[option] ?? '1'];
        return parseCliOptions(['--stdio', option, ...words]) !== undefined;
      } catch (error) {
        assert.match(String(error), /does not go with --stdio/, option);
        return false;
      }
    });
  assert.deepEqual(
    [...sentence.matchAll(/`([^`]+)`/g)].map(([, option]) => option).sort(),
    taken.map(([option]) => option).sort(),
  );
});
