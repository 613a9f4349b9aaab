/** Each option on the pages for users is an option of a program, and docs/commands.md says which commands take it. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {flagCalled} from '../../server/arguments/flags.ts';
import {
  type CommandName,
  commandOf,
  commandWords,
} from '../../source/commands/arguments/catalogue.ts';
import {flagOf, optionNames} from '../../source/commands/arguments/option-catalogue.ts';
import {readPage} from './lines/page.ts';

const all: CommandName[] = ['open', ...commandWords];

test('docs/commands.md says of each option which commands take it', () => {
  const said = new Map<string, Set<string>>();
  for (const [cell = '', takers = ''] of optionRows()) {
    // Every program has these options.
    if (/--(?:help|version)\b/.test(cell)) {
      continue;
    }

    for (const flag of flagsIn(cell)) {
      said.set(flag, new Set([...(said.get(flag) ?? []), ...commandsIn(takers)]));
    }
  }

  for (const option of optionNames.filter(name => name !== 'help' && name !== 'version')) {
    const flag = flagOf(option);
    const takers = all.filter(command => commandOf(command).options.includes(option));
    assert.deepEqual([...(said.get(flag) ?? [])].sort(), takers.sort(), flag);
  }
});

/** Options of other programs on these pages. */
const foreign = new Set([
  '--now',
  '--tag',
  '--volfile-server',
  '--volfile-id',
  '--global',
  '--save-dev',
]);
/** Options of `jangada-server token`, which has its own parser. */
const ofTokens = new Set(['--folder', '--expires']);

for (const page of [
  'commands',
  'deploy',
  'scale',
  'buckets',
  'library',
  'security',
  'errors',
  'classic',
]) {
  test(`every option that docs/${page}.md names is one of a program`, () => {
    const text = readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8');
    const unknown = flagsIn(text).filter(
      flag =>
        !optionNames.some(name => flagOf(name) === flag) &&
        flagCalled(flag.slice(2)) === undefined &&
        !ofTokens.has(flag) &&
        !foreign.has(flag),
    );
    assert.deepEqual(unknown, []);
  });
}

function flagsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w-])--[a-z][a-z\d-]*/g)].map(([flag]) => flag);
}

function optionRows(): string[][] {
  const [header, ...rows] =
    readPage('commands').tables.find(([first]) => first?.[0] === 'option') ?? [];
  assert.deepEqual(header, ['option', 'for', 'meaning']);
  return rows;
}

/** The commands that a cell of the column "for" means. */
function commandsIn(cell: string): CommandName[] {
  const [, group = '', exceptions = ''] =
    /^(all that connect|all|as `--[a-z-]+`)(?:,? (?:but|without) (.*))?$/.exec(cell) ?? [];
  if (group === '') {
    return cell.split(', ').flatMap(named);
  }

  const excepted = exceptions === '' ? [] : exceptions.split(/, | and /).flatMap(named);
  return membersOf(group).filter(command => !excepted.includes(command));
}

function membersOf(group: string): CommandName[] {
  if (group === 'all that connect') {
    return all.filter(command => commandOf(command).options.includes('ssh'));
  }

  if (group === 'all') {
    return all.filter(command => commandOf(command).options.length > 0);
  }

  const [flag = ''] = flagsIn(group);
  const [, takers = ''] = optionRows().find(([cell = '']) => flagsIn(cell).includes(flag)) ?? [];
  return commandsIn(takers);
}

/** The command with this name. `queue` means all of its commands. */
function named(text: string): CommandName[] {
  const name = text.replaceAll('`', '').replace('full screen', 'open');
  const found = all.filter(command => command === name || command.startsWith(`${name} `));
  assert.ok(found.length > 0, `'${text}' is no command`);
  return found;
}
