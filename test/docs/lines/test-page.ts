/**
 * The tests of one page: a table says of each line what is done with it, and the page has these lines and no others.
 *
 *     docs/NAME.md ─► lines ─┬─ run as they are printed, in the order of the table
 *                            └─ not run, with a reason: the parser of the program takes them
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
  /** Do what the line says, and look at what comes of it. */
  | ((place: Place, line: string) => Promise<void>)
  /** Why it cannot be run. `as`: the line with words in the place of what only stands for something. */
  | {notRun: string; as?: string};

/** For a line that the one above it prints, and looks for. */
export const printed = {notRun: 'the line above prints it'};

export type PageTests<Place> = {
  lines: Readonly<Record<string, Line<Place>>>;
  /** Why no line can be run here; false: all can. */
  skip: string | false;
  /** The machine on which the lines are typed. */
  prepare(t: TestContext): Promise<Place>;
};

export function testPage<Place>(name: string, {lines, prepare, skip}: PageTests<Place>): void {
  const table = Object.entries(lines);

  test(`each line of docs/${name}.md is known here, and each one known here is on the page`, () => {
    const page = readPage(name);
    // Lines of a drawing say nothing that could be typed.
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
    test(`the programs take what docs/${name}.md has and nothing here can run`, () => {
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

/** @throws an error if a command line of one of the programs is wrong usage, or npm has no such script. */
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

/** Do it in a folder for state of its own, which has the token that is removed: there is no parser alone. */
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
  // Of any other program nothing is started.
  const {stdout} = spawnSync('bash', ['-c', `PATH=/nowhere\n${functions}\n${line}`], {
    encoding: 'utf8',
  });
  return stdout.split('\0').slice(0, -1);
}
