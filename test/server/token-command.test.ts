import assert from 'node:assert/strict';
import {appendFileSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseTokens} from '../../protocol/program/tokens.ts';
import {tokenCommand} from '../../server/token-command.ts';
import {temporaryFolder} from '../fixtures/harness.ts';
import {runAtOnce} from '../fixtures/run-at-once.ts';

function startFile(t: TestContext) {
  const folder = temporaryFolder(t);
  const environment = {JANGADA_STATE: folder};
  const file = join(folder, 'server-tokens');
  return {
    ...{environment, file},
    run: (...words: string[]) => tokenCommand(words, environment),
    tokens: () => parseTokens(readFileSync(file, 'utf8')),
  };
}

test('tokens are added to the file of this user below those that are there, and each is another one', t => {
  const {file, run, tokens} = startFile(t);
  const first = run('add', 'anna').trim();
  assert.match(readFileSync(file, 'utf8'), /^# Tokens of jangada-server/);
  // Somebody who wrote it by hand has left out the last line feed.
  appendFileSync(file, 'by-hand');
  const second = run('add', 'b.-_9'.padEnd(64, 'x'), '--folder', '//photos/old one//').trim();
  assert.notEqual(first, second);
  assert.deepEqual(tokens(), [
    {name: 'anna', token: first, folder: '', expiresMs: undefined},
    {name: undefined, token: 'by-hand', folder: '', expiresMs: undefined},
    {name: 'b.-_9'.padEnd(64, 'x'), token: second, folder: 'photos/old one', expiresMs: undefined},
  ]);
  assert.throws(() => run('add', 'anna'), {code: 'exists'});
  run('remove', 'anna');
  assert.deepEqual(
    tokens().map(({token}) => token),
    ['by-hand', second],
  );
  assert.match(readFileSync(file, 'utf8'), /^# Tokens of jangada-server/, 'comments stay');
  assert.throws(() => run('remove', 'anna'), {code: 'not_found', message: /token list/});
});

test('tokens that several processes add and remove at once are all added and removed', async t => {
  const {file, run, tokens} = startFile(t);
  const names = ['a', 'b', 'c', 'd'];
  const source = new URL('../../server/token-command.ts', import.meta.url);
  const outputs = await runAtOnce(
    `const {tokenCommand} = await import(${JSON.stringify(source.href)});
    const [name, file] = words;
    const run = (...words) => tokenCommand([...words, '--token-file', file], {});
    await begin();
    for (let index = 0; index < 5; index++) {
      process.stdout.write(run('add', name + index));
      run('add', name + 'x');
      run('remove', name + 'x');
    }`,
    names.map(name => [name, file]),
  );
  const printed = outputs.flatMap(output => output.trim().split('\n'));
  const added = tokens().map(({token}) => token);
  assert.equal(added.length, 20);
  assert.deepEqual(added.sort(), printed.sort());
  run('remove', 'd4');
});

test('a token that is removed where there are no tokens makes nothing', t => {
  const {environment, file, run} = startFile(t);
  assert.throws(() => run('remove', 'anna', '--token-file', `${file}/none/tokens`), {
    code: 'not_found',
  });
  assert.throws(() => run('remove', 'anna'), {code: 'not_found'});
  assert.deepEqual(readdirSync(environment.JANGADA_STATE), []);
});

test('a list has the end of each token, and says which ones have had it', t => {
  const {environment, file, run} = startFile(t);
  assert.equal(run('list'), '');
  const past = '2020-01-31T00:00:00.000Z';
  writeFileSync(file, `secret\na=secret2 expires=${past} folder=x%0ay\n`, {mode: 0o600});
  run('add', 'b', '--expires', '2999-01-31T12:00:00Z');
  const listed = [
    '(no name)\t/\tnever expires\n',
    `a\t/x\\x0ay\texpired ${past}\n`,
    'b\t/\t2999-01-31T12:00:00.000Z\n',
  ].join('');
  assert.equal(run('list'), listed);
  const other = {JANGADA_STATE: join(environment.JANGADA_STATE, 'other')};
  assert.equal(tokenCommand(['list', '--token-file', file], other), listed);
});

test('a token until a day is valid until the end of this day, today, too', t => {
  const {run, tokens} = startFile(t);
  t.mock.timers.enable({apis: ['Date'], now: new Date(2030, 4, 5, 23, 59, 59, 998)});
  run('add', 'a', '--expires', '2030-05-05');
  assert.equal(tokens()[0]?.expiresMs, new Date(2030, 4, 5, 23, 59, 59, 999).getTime());
  t.mock.timers.tick(1);
  assert.throws(() => run('add', 'b', '--expires', '2030-05-05'), /is in the past/);
});

test('words that token does not take are wrong usage, and change nothing', t => {
  const {run} = startFile(t);
  for (const [words, message] of [
    [['add', 'x'.repeat(65)], /up to 64 letters/],
    [['remove'], /A token has a name/],
    [['remove', 'a', 'b'], /Unexpected argument 'b'/],
    [['remove', 'a', '--expires', '2999-01-01'], /are for token add/],
    [['list', '--folder', 'x'], /are for token add/],
    [['add', 'a', '--token-file', ''], /^--token-file needs a value$/],
    // It would be a token for the whole root.
    [['add', 'a', '--folder', ''], /^--folder needs a value$/],
    [['add', 'a', '--expires', ''], /a day such as/],
    [[], /Write token add/],
  ] as const) {
    assert.throws(() => run(...words), {code: 'usage', message}, words.join(' '));
  }

  assert.equal(run('list'), '');
});
