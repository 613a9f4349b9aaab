import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {suite, test} from 'node:test';
import {clientManual, serverManual} from '../../scripts/manual.ts';
import {wordOf} from '../../server/arguments/flags.ts';
import {optionNames as serverOptions} from '../../server/arguments/option-words.ts';
import {commandOf, commandWords} from '../../source/commands/arguments/catalogue.ts';
import {flagOf, optionNames} from '../../source/commands/arguments/option-catalogue.ts';

const pages = {jangada: clientManual('1.2.3'), 'jangada-server': serverManual('1.2.3')};

/** The reason to skip a test: `program` is not installed. */
const missing = (program: string): string | false =>
  spawnSync(program, ['-V']).error === undefined ? false : `${program} is not installed`;

/** The page as mandoc shows it on a terminal, without bold letters. */
function shown(page: string): string {
  const {stdout, status} = spawnSync('mandoc', ['-Tutf8', '-O', 'width=300'], {
    input: page,
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a letter that is struck twice is bold
  return stdout.replace(/.\u0008/gu, '');
}

suite('the manual pages', () => {
  for (const [name, page] of Object.entries(pages)) {
    test(`mandoc finds nothing wrong in ${name}(1)`, {skip: missing('mandoc')}, () => {
      const {stdout} = spawnSync('mandoc', ['-Tlint', '-W', 'warning'], {
        input: page,
        encoding: 'utf8',
      });
      // A page has no date, so that the same tables always give the same page.
      const faults = stdout.split('\n').filter(line => line !== '' && !/missing date/.test(line));
      assert.deepEqual(faults, []);
    });

    test(`groff finds nothing wrong in ${name}(1)`, {skip: missing('groff')}, () => {
      const words = ['-man', '-ww', '-Tutf8', '-z'];
      const {stderr, status} = spawnSync('groff', words, {input: page, encoding: 'utf8'});
      assert.deepEqual([stderr, status], ['', 0]);
    });
  }

  test('list every command of the client with its examples, and every option', {
    skip: missing('mandoc'),
  }, () => {
    const text = shown(pages.jangada);
    for (const word of commandWords) {
      const {examples, usage} = commandOf(word);
      for (const line of [usage, ...examples]) {
        assert.ok(
          text.split('\n').some(found => found.trim() === line),
          line,
        );
      }
    }

    for (const option of optionNames) {
      assert.match(text, new RegExp(`^ +(?:-\\w, )?${flagOf(option)}(?: |$)`, 'm'));
    }
  });

  test('list every option of the server', {skip: missing('mandoc')}, () => {
    const text = shown(pages['jangada-server']);
    for (const option of serverOptions) {
      assert.match(text, new RegExp(`^ +(?:-\\w, )?--${wordOf(option)}(?: |$)`, 'm'));
    }
  });

  test('are in the package', () => {
    const root = new URL('../../', import.meta.url);
    const {files, man} = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
    for (const file of man) {
      assert.ok(files.includes(file), file);
    }

    assert.deepEqual(
      man,
      Object.keys(pages).map(name => `dist/${name}.1`),
    );
  });
});
