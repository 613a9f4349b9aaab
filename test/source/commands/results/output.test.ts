import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {closeSync, existsSync, mkdirSync, openSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
// A CommonJS module, whose named exports Node does not see.
import headless from '@xterm/headless';
import {CommandOutput} from '../../../../source/commands/results/output.ts';
import {startHarness, temporaryFolder} from '../../../fixtures/harness.ts';
import {withTypeScript} from '../../../fixtures/with-typescript.ts';
import {Captured} from '../run.ts';

test('if the reader stops, the output ends without an error', async () => {
  const stdout = new Captured();
  using output = new CommandOutput({stdout, stderr: new Captured(), environment: {}});
  await output.result('one\n');
  assert.equal(output.closed.aborted, false);
  stdout.emit('error', Object.assign(new Error('write EPIPE'), {code: 'EPIPE'}));
  assert.equal(output.closed.aborted, true);
  await output.result('two\n');
  assert.equal(stdout.text, 'one\n');
  assert.equal(await output.flushed(), true);
});

test('results that cannot be written are reported once, whatever comes later', async () => {
  for (const [code, said] of [
    ['ENOSPC', 'the disk is full'],
    ['EIO', 'EIO: i/o error, write'],
  ] as const) {
    const stdout = new Captured();
    stdout._write = (_chunk, _encoding, done: (error?: Error) => void) => {
      done(Object.assign(new Error(`${code}: i/o error, write`), {code}));
    };
    const stderr = new Captured();
    using output = new CommandOutput({stdout, stderr, environment: {}, quiet: true});
    await output.result('one\n');
    assert.equal(await output.flushed(), false);
    await output.result('two\n');
    assert.equal(await output.flushed(), false);
    assert.equal(output.closed.aborted, true);
    assert.equal(stderr.text, `jangada: The results could not be written: ${said}\n`);
  }
});

test('a result waits until the reader accepts more', async () => {
  const stdout = new Captured();
  const written: Array<() => void> = [];
  stdout._write = (_chunk, _encoding, done) => {
    written.push(done);
  };
  using output = new CommandOutput({stdout, stderr: new Captured(), environment: {}});
  let taken = false;
  const result = output.result('x'.repeat(1_000_000)).then(() => {
    taken = true;
  });
  await new Promise(setImmediate);
  assert.equal(taken, false);
  written.shift()?.();
  await result;
  assert.equal(taken, true);
});

test('a result does not wait for a reader that has gone', async () => {
  const stdout = new Captured();
  stdout._write = () => {};
  using output = new CommandOutput({stdout, stderr: new Captured(), environment: {}});
  const result = output.result('x'.repeat(1_000_000));
  await new Promise(setImmediate);
  stdout.emit('error', Object.assign(new Error('write EPIPE'), {code: 'EPIPE'}));
  await result;
  assert.equal(output.closed.aborted, true);
});

test('a footer that a narrower terminal has wrapped is removed as a whole', () => {
  const stderr = new Captured(80);
  using output = new CommandOutput({stdout: new Captured(), stderr, environment: {TERM: 'xterm'}});
  output.footer(['x'.repeat(79), 'y']);
  Object.assign(stderr, {columns: 40});
  stderr.text = '';
  output.footer([]);
  assert.ok(stderr.text.startsWith('\u001b[3A\r'));
});

test('a footer with a name of uncertain width wraps in no terminal, and is removed as a whole', async () => {
  const stderr = new Captured(40);
  using output = new CommandOutput({stdout: new Captured(), stderr, environment: {TERM: 'xterm'}});
  output.notice('before');
  output.footer(['👩‍👩‍👧👍🏽 a name of 39 columns, all of it abc', 'below']);
  const terminal = new headless.Terminal({
    ...{cols: 40, rows: 6, convertEol: true, allowProposedApi: true},
  });
  const rows = async (): Promise<string[]> => {
    await new Promise<void>(resolve => terminal.write(stderr.text, resolve));
    stderr.text = '';
    const {active} = terminal.buffer;
    return [0, 1, 2, 3].map(row => active.getLine(row)?.translateToString(true) ?? '');
  };
  const [first, second, third] = await rows();
  assert.equal(first, 'before');
  assert.match(second ?? '', /a name of 39 columns, all of it abc$/);
  assert.equal(third, 'below');
  output.footer([]);
  assert.deepEqual(await rows(), ['before', '', '', '']);
  terminal.dispose();
});

test('if the output cannot be redrawn, nothing is redrawn', () => {
  for (const [columns, environment] of [
    [undefined, {TERM: 'xterm'}],
    [80, {TERM: 'dumb'}],
    [80, {TERM: 'xterm', INK_SCREEN_READER: 'true'}],
  ] as const) {
    const stderr = new Captured(columns);
    using output = new CommandOutput({stdout: new Captured(), stderr, environment});
    output.footer(['x']);
    output.notice('hello');
    assert.equal(stderr.text, 'hello\n');
  }
});

test('a command whose output goes to a full disk reports this and exits with 1', async t => {
  if (!existsSync('/dev/full')) {
    t.skip('there is no /dev/full here');
    return;
  }

  const {serve, server, target} = await startHarness(t);
  serve('a', 'a');
  mkdirSync(target);
  writeFileSync(join(target, 'a'), 'a');
  const words = ['-s', server.address];
  const cases = [
    ['list', ...words],
    ['list', '--json', ...words],
    ['hash', 'a', ...words],
    ['verify', 'a', '-o', target, ...words],
    ['mget', '**', '--on-conflict', 'overwrite', '-o', target, ...words],
    ['queue', 'list', '--json'],
    ['--help'],
    ['--version'],
  ];
  const program = fileURLToPath(new URL('../../../../source/cli.ts', import.meta.url));
  const env = {...process.env, JANGADA_STATE: temporaryFolder(t)};
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  for (const words of cases) {
    const child = spawn(process.execPath, [...withTypeScript, program, ...words], {
      stdio: ['ignore', full, 'pipe'],
      env,
    });
    const ended = new Promise(resolve => child.once('close', resolve));
    assert.ok(child.stderr);
    const said = await text(child.stderr);
    assert.equal(await ended, 1, words.join(' '));
    const lines = said.match(/^jangada: The results could not be written: the disk is full$/gm);
    assert.equal(lines?.length, 1, `${words.join(' ')}: ${said}`);
  }
});
