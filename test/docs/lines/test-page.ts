/**
 * The tests of one page. A table says for each line what the test does with it, and has exactly the lines of the page.
 *
 *     docs/NAME.md ─► lines ─┬─ run as printed, in the order of the table
 *                            └─ not run, with a reason: only the parser of the program reads them
 */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import manifest from '../../../package.json' with {type: 'json'};
import {parseCliOptions} from '../../../server/arguments/cli-options.ts';
import {tokenCommand} from '../../../server/token-command.ts';
import {parseArguments} from '../../../source/commands/arguments/parse.ts';
import {readPage} from './page.ts';

export type Line<Place> =
  /** Run the line, and check its effect. */
  | ((place: Place, line: string) => Promise<void>)
  /** Why the line cannot be run. `as`: the line with real words instead of its placeholders. */
  | {notRun: string; as?: string};

/** For a line that a command above it prints: the test of that command checks it. */
export const printed = {notRun: 'the line above prints it'};

export type PageTests<Place> = {
  lines: Readonly<Record<string, Line<Place>>>;
  /** Why no line can be run on this system; false if lines can be run. */
  skip: string | false;
  /** Prepare the machine on which the lines are typed. */
  prepare(t: TestContext): Promise<Place>;
};

export function testPage<Place>(name: string, {lines, prepare, skip}: PageTests<Place>): void {
  const table = Object.entries(lines);

  test(`the test of docs/${name}.md has exactly the lines of the page`, () => {
    const page = readPage(name);
    // The lines of a drawing are not typed.
    const printed = page.lines.filter(line => !line.includes('─'));
    assert.deepEqual(
      [...new Set([...printed, ...page.spans])].sort(),
      table.map(([line]) => line).sort(),
    );
  });

  const notRun = table.flatMap(([line, known]) =>
    typeof known === 'function' ? [] : [known.as ?? line],
  );
  if (notRun.length > 0) {
    test(`the programs accept the lines of docs/${name}.md that the test cannot run`, () => {
      notRun.forEach(parse);
    });
  }

  if (notRun.length < table.length) {
    test(`the lines of docs/${name}.md do what the page says`, {
      skip,
      timeout: 240_000,
    }, async t => {
      const place = await prepare(t);
      for (const [line, known] of table) {
        if (typeof known === 'function') {
          await known(place, line).catch(error => {
            throw new Error(`${line}\n${error.message}`, {cause: error});
          });
        }
      }
    });
  }
}

/** @throws if the line is wrong usage of one of our programs, or names no script of npm. */
export function parse(line: string): void {
  const [program, ...words] = wordsOf(line);
  const [first, second = ''] = words;
  if (program === 'jangada') {
    parseArguments(words, {});
  } else if (program === 'npm' && first === 'run') {
    assert.ok(Object.keys(manifest.scripts).includes(second), line);
  } else if (program === 'jangada-server' && first === 'token') {
    changeTokens(words.slice(1));
  } else if (program === 'jangada-server' && first !== 'completion') {
    parseCliOptions(words);
  }
}

/** Run `token` in a state folder of its own, because it has no separate parser. A token to remove is added first. */
function changeTokens(words: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'jangada-tokens-'));
  try {
    const [verb, name = ''] = words;
    if (verb === 'remove') {
      tokenCommand(['add', name], {JANGADA_STATE: folder});
    }

    tokenCommand(words, {JANGADA_STATE: folder});
  } finally {
    rmSync(folder, {recursive: true});
  }
}

/** The words that a shell makes of the first command of a line. */
function wordsOf(line: string): string[] {
  const functions = ['jangada', 'jangada-server', 'npm']
    .map(name => `${name}() { printf '%s\\0' ${name} "$@"; exit; }`)
    .join('\n');
  // With this PATH the shell starts no other program.
  const {stdout} = spawnSync('bash', ['-c', `PATH=/nowhere\n${functions}\n${line}`], {
    encoding: 'utf8',
  });
  return stdout.split('\0').slice(0, -1);
}
