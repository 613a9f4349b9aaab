import assert from 'node:assert/strict';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {endOf, listedIn} from '../../fixtures/json-output.ts';
import {runProgram} from './run.ts';

/** A configuration for this test. */
function configured(t: TestContext, text?: string) {
  const folder = join(temporaryFolder(t), 'config');
  const file = join(folder, 'config.json');
  if (text !== undefined) {
    mkdirSync(folder);
    writeFileSync(file, text);
  }

  const plain = {LANG: 'C.UTF-8', TERM: 'xterm', NO_COLOR: '', JANGADA_ASCII: ''};
  return {file, environment: {...plain, JANGADA_CONFIG: folder}};
}

suite('jangada config', () => {
  test('says where the file would be and what the defaults are, and does not make the file', async t => {
    const {file, environment} = configured(t);
    const {status, stdout, stderr} = await runProgram(['config'], environment);
    assert.deepEqual([status, stderr], [0, '']);
    assert.ok(stdout.startsWith(`${file} (it does not exist)\n\n`), stdout);
    assert.match(stdout, /^theme +auto +default$/m);
    assert.match(stdout, /^limits\.connections +4 +default$/m);
    assert.equal(existsSync(file), false);
  });

  test('shows the values in force, and whether they come from the file, a variable or an option', async t => {
    const {environment} = configured(
      t,
      '{\n  // dark at night\n  "theme": "dark",\n  "limits": {"connections": 8, "speed": "2M"},\n}\n',
    );
    const words = ['config', '--connections', '2', '--screen-reader', '--compress', 'never'];
    const {status, stdout, stderr} = await runProgram(words, {...environment, JANGADA_ASCII: '1'});
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^theme +dark +line 3$/m);
    assert.match(stdout, /^ascii +true +JANGADA_ASCII$/m);
    assert.match(stdout, /^screenReader +true +--screen-reader$/m);
    assert.match(stdout, /^limits\.connections +2 +--connections$/m);
    assert.match(stdout, /^compress +never +--compress$/m);
    assert.match(stdout, /^limits\.speed +2M +line 4$/m);
  });

  test('reports each mistake with its line, uses the rest, and exits with 2', async t => {
    const {file, environment} = configured(t, '{\n"theme": "drak",\n"onConflict": "skip"\n}');
    const {status, stdout, stderr} = await runProgram(['config'], environment);
    assert.equal(status, 2);
    assert.match(stdout, /^theme +auto +default$/m);
    assert.match(stdout, /^onConflict +skip +line 3$/m);
    assert.ok(
      stderr.startsWith(`jangada: ${file}, line 2: "theme" cannot be "drak". Write one of`),
    );
    assert.equal(stderr.trim().split('\n').length, 1);
  });

  test('with --json it prints a list of settings, and the last event has the file and the mistakes', async t => {
    const {file, environment} = configured(t, '{"theme": "light", "ascii": 1}');
    const {status, stdout} = await runProgram(['config', '--json'], environment);
    assert.equal(status, 2);
    const settings = listedIn(stdout) as Array<{name: string}>;
    assert.deepEqual(
      settings.find(({name}) => name === 'theme'),
      {name: 'theme', value: 'light', from: 'file', line: 1},
    );
    const end = endOf(stdout);
    assert.equal(end.file, file);
    assert.equal(end.exists, true);
    assert.deepEqual(end.mistakes, [
      {line: 1, message: '"ascii" cannot be 1. Write true or false'},
    ]);
  });

  test('keys are checked, too', async t => {
    const {environment} = configured(t, '{"keys": {\n"sort": ["O"],\n"help": ["v"],\n"x": []\n}}');
    const {status, stdout, stderr} = await runProgram(['config'], environment);
    assert.equal(status, 2);
    assert.match(stdout, /^keys\.sort +O +line 2$/m);
    assert.doesNotMatch(stdout, /keys\.help/);
    assert.match(stderr, /line 3: "keys\.help" cannot have "v"/);
    assert.match(stderr, /line 4: unknown action "x"/);
  });

  test('a file that cannot be read is a mistake', async t => {
    const {file, environment} = configured(t);
    mkdirSync(file, {recursive: true});
    const {status, stderr} = await runProgram(['config'], environment);
    assert.equal(status, 1);
    assert.equal(stderr, `jangada: ${file}: it is a folder\n`);
  });
});

suite('a configuration and the other commands', () => {
  test('a mistake is reported on standard error, and the command does its work', async t => {
    const {file, environment} = configured(t, '{\n"limits": {"files": 99},\n}');
    const {status, stdout, stderr} = await runProgram(['queue', 'list'], environment);
    assert.deepEqual([status, stdout], [0, '']);
    assert.ok(stderr.startsWith(`jangada: ${file}, line 2: "limits.files" cannot be 99.`), stderr);
  });

  test('help and version do not mention it', async t => {
    const {environment} = configured(t, 'nonsense');
    for (const word of ['--help', '--version', 'help']) {
      const {status, stderr} = await runProgram([word], environment);
      assert.deepEqual([status, stderr], [0, '']);
    }
  });
});
