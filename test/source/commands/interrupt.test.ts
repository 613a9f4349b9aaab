import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {PassThrough} from 'node:stream';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {startServer} from '../../../server/server.ts';
import {freePort} from '../../fixtures/free-port.ts';
import {noise, startHarness, temporaryFolder, treeOf, until} from '../../fixtures/harness.ts';
import {TcpProxy} from '../../fixtures/proxy.ts';
import {Delays} from '../../fixtures/server/effort.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';
import {Captured, type Ran, runHere, runProgram, start} from './run.ts';

const content = noise(6_000_000);

test('an interrupted download keeps its partial file and says how to continue, whatever other copies exist', async t => {
  // More than the client requests at once, so that not everything arrives before it ends.
  const content = noise(12_000_000);
  const {serve, server, target} = await startHarness(t, {server: {limit: 3_000_000}});
  serve('x/a b', content);
  // A copy that cget would continue.
  mkdirSync(path.join(target, 'x'), {recursive: true});
  writeFileSync(path.join(target, 'x/a b'), 'another copy');
  const partial = path.join(target, 'a b.jangada-part');
  const words = ['sget', 'x/a b', '-o', target, '--on-conflict', 'overwrite'];
  const {child, ended} = start(words, {JANGADA_SERVER: server.address});
  await until(() => existsSync(partial) && statSync(partial).size >= 1_048_576);
  child.kill('SIGINT');
  const ran = await ended;
  assert.equal(ran.status, 130);
  assert.equal(ran.stdout, '');
  const command = `jangada sget --to ${target} --on-conflict resume 'x/a b'`;
  assert.ok(ran.stderr.endsWith(`What has arrived is kept; to go on: ${command}\n`), ran.stderr);
  assert.ok(existsSync(partial));

  const resumed = ['sget', '--to', target, '--on-conflict', 'resume', 'x/a b'];
  const again = await runHere([...resumed, '-s', server.address]);
  assert.match(again.stdout, /^x\/a b {2}12 MB {2}verified \(.* reused\)\n$/);
  assert.ok(readFileSync(path.join(target, 'a b')).equals(content));
  assert.equal(readFileSync(path.join(target, 'x/a b'), 'utf8'), 'another copy');
});

/** A server behind a proxy that counts the sent bytes, and can be slowed down. */
async function startLine(t: TestContext, files: Readonly<Record<string, Buffer>>) {
  const harness = await startHarness(t);
  for (const [name, bytes] of Object.entries(files)) {
    harness.serve(name, bytes);
  }

  const sent = {bytes: 0};
  const proxy = await TcpProxy.start(harness.server.port, {
    forwarded(_link, direction, bytes) {
      sent.bytes += direction === 'down' ? bytes.length : 0;
    },
    ended() {},
  });
  t.after(() => proxy[Symbol.asyncDispose]());
  return {...harness, proxy, sent, address: `127.0.0.1:${proxy.port}`};
}

test('an interruption in the middle of a block loses no byte that the server has sent', async t => {
  const size = 20 * blockSize + 5;
  const {target, proxy, sent, address} = await startLine(t, {a: noise(size)});
  proxy.bytesPerSecond = 3_000_000;
  const words = ['-o', target, '-s', address];
  const {child, ended} = start(['sget', 'a', ...words]);
  const partial = path.join(target, 'a.jangada-part');
  await until(() => existsSync(partial) && statSync(partial).size >= 2 * blockSize);
  const whole = statSync(partial).size;
  await until(() => sent.bytes > whole + 1.4 * blockSize);
  child.kill('SIGINT');
  const {status, stderr} = await ended;
  assert.equal(status, 130);
  assert.match(stderr, /to go on: jangada sget .* --on-conflict resume a\n$/);
  assert.equal(statSync(partial).size % blockSize, 0);

  proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
  const again = await runHere(['sget', 'a', '--on-conflict', 'resume', ...words]);
  assert.equal(again.status, 0, again.stderr);
  assert.ok(sent.bytes - size < 40_000, `${sent.bytes - size} bytes for nothing`);
});

test('after an interruption small files that have arrived have their names, and the message says how to continue', async t => {
  const size = 8000;
  const names = Array.from({length: 400}, (_, index) => `f${index}`);
  const files = Object.fromEntries(names.map(name => [name, noise(size, name.length)]));
  const {target, proxy, sent, address} = await startLine(t, files);
  proxy.bytesPerSecond = 500_000;
  const words = ['-o', target, '-s', address];
  const {child, ended} = start(['mget', '*', ...words]);
  await until(() => sent.bytes > 60 * size);
  child.kill('SIGINT');
  const {status, stderr, stdout} = await ended;
  assert.equal(status, 130);
  assert.match(stderr, /to go on: jangada mget .*resume.*\n$/);
  const saved = [...treeOf(target)];
  assert.ok(saved.length >= 50 && saved.length < 400, `${saved.length} files`);
  for (const [name, bytes] of saved) {
    assert.ok(bytes.equals(files[name] ?? Buffer.alloc(0)), name);
  }

  // The result names each of them, too.
  assert.equal(
    stdout.split('\n').filter(line => /^f\d+ .*verified/.test(line)).length,
    saved.length,
  );
  proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
  const again = await runHere(['mget', '*', ...words, '--on-conflict', 'resume']);
  assert.equal(again.status, 0, again.stderr);
  assert.equal(treeOf(target).size, 400);
});

for (const [times, leastMs, mostMs] of [
  ['one', 1000, 6000],
  ['a second', 0, 2000],
] as const) {
  test(`a stalled connection: ${times} interruption ends the command, which leaves a partial file to continue`, async t => {
    let overMs: number;
    let attempts = 0;
    do {
      const {tookMs, delayMs} = await interruptStalled(t, times);
      assert.ok(tookMs >= leastMs, `${tookMs} ms`);
      overMs = tookMs - (mostMs + delayMs);
      attempts++;
      // A busy machine may hold up the other process, but not each time.
    } while (overMs >= 0 && attempts < 3);

    assert.ok(overMs < 0, `${overMs} ms too long in the last of ${attempts} attempts`);
  });
}

/** Interrupt a download whose connection has stalled, and continue it. @returns how long the command took to end. */
async function interruptStalled(
  t: TestContext,
  times: 'one' | 'a second',
): Promise<{tookMs: number; delayMs: number}> {
  const {target, proxy, address} = await startLine(t, {a: noise(20 * blockSize)});
  proxy.bytesPerSecond = 3_000_000;
  const {child, ended} = start(['sget', 'a', '-o', target, '-s', address]);
  const partial = path.join(target, 'a.jangada-part');
  await until(() => existsSync(partial) && statSync(partial).size >= 2 * blockSize);
  const stalled = Promise.withResolvers<void>();
  proxy.stall(stalled.promise);
  child.kill('SIGINT');
  using delays = new Delays();
  const startMs = performance.now();
  if (times === 'a second') {
    // A user needs about this time for a second Ctrl-C.
    setTimeout(() => child.kill('SIGINT'), 300);
  }

  const {status} = await ended;
  const tookMs = performance.now() - startMs;
  // A busy machine delays the other process as much as this one.
  const delayMs = 2 * delays.totalMs;
  assert.equal(status, 130);
  assert.ok(statSync(partial).size >= 2 * blockSize);
  stalled.resolve();
  proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
  const again = await runHere(['cget', 'a', '-o', target, '-s', address]);
  assert.match(again.stdout, /verified \((?!0 B).* reused\)/);
  return {tookMs, delayMs};
}

test('every command ends after an interruption, whatever the server does', async t => {
  // The server greets, and then never answers.
  let asked = 0;
  const {host, port} = await startHostileServer(t, () => {
    asked++;
  });
  const target = temporaryFolder(t);
  for (const words of [
    ['list'],
    ['hash', 'a'],
    ['sget', 'a', '-o', target],
    ['mget', '*', '-o', target],
  ]) {
    const {child, ran, ended} = start([...words, '-s', `${host}:${port}`], {JANGADA_DEBUG: ''});
    const before = asked;
    await until(() => asked > before);
    child.kill('SIGINT');
    const {status} = await ended;
    assert.equal(status, 130, `${words.join(' ')}: ${ran.stderr}`);
  }
});

test('a server that is gone for good ends the download with 3, and received bytes are kept', async t => {
  const {root, serve, target, server} = await startHarness(t, {server: {limit: 2_000_000}});
  serve('a', content);
  serve('b', content);
  const words = ['mget', '*', '-o', target, '-s', server.address, '--retries', '0'];
  const {ran, ended} = start(words);
  const partial = path.join(target, 'a.jangada-part');
  const other = path.join(target, 'b.jangada-part');
  await until(() => existsSync(partial) || existsSync(other));
  await server.close({graceMs: 0});
  const {status} = await ended;
  assert.equal(status, 3, ran.stderr);
  assert.match(
    ran.stderr,
    /^jangada: (?:[ab]|2 files not fetched): .*\njangada: What has arrived is kept; to go on: jangada mget .*--on-conflict resume .*\n$/,
  );

  const next = await startServer({root, port: 0});
  t.after(() => next.close({graceMs: 0}));
  const again = await runProgram([
    ...['mget', '*', '-o', target, '-s', next.address, '--on-conflict', 'resume'],
  ]);
  assert.equal(again.status, 0, again.stderr);
  assert.ok(readFileSync(path.join(target, 'b')).equals(content));
});

test('a client waits for a server that comes back within the retries', async t => {
  const {root, serve, target, server} = await startHarness(t, {
    server: {limit: 2_000_000, port: await freePort()},
  });
  serve('a', content);
  const {ran, ended} = start(['sget', 'a', '-o', target, '-s', server.address]);
  await until(() => existsSync(path.join(target, 'a.jangada-part')));
  await server.close({graceMs: 0});
  const {port} = server;
  const next = await startServer({root, port});
  t.after(() => next.close({graceMs: 0}));
  const {status} = await ended;
  assert.equal(status, 0, ran.stderr);
  assert.ok(readFileSync(path.join(target, 'a')).equals(content));
});

test('if the reader of a listing stops, the command ends without an error', async t => {
  const {serve, server} = await startHarness(t);
  for (let number = 0; number < 3000; number++) {
    serve(`file ${number}`, '');
  }

  const {child, ended} = start(['list', '-s', server.address]);
  child.stdout.destroy();
  const {status, stderr} = await ended;
  assert.deepEqual({status, stderr}, {status: 0, stderr: ''});
});

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Run a command in this process, and interrupt it when `isTime` returns true. `typed` is the input of its terminal. */
async function interrupted(
  words: readonly string[],
  isTime: (stderr: string) => boolean,
  typed = '',
): Promise<Ran> {
  const keyboard = new PassThrough();
  keyboard.write(typed);
  // The command only uses that a terminal is one.
  const stdin = Object.assign(keyboard, {isTTY: true}) as unknown as NodeJS.ReadStream;
  const stderr = new Captured(200);
  const before = signals.map(signal => process.listeners(signal));
  const running = runHere(words, {stdin, stderr});
  await until(() => isTime(stderr.text));
  process.kill(process.pid, 'SIGINT');
  const ran = await running;
  // An interrupted command leaves its listeners, so that a further Ctrl-C ends the process.
  for (const [at, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (before[at]?.includes(listener) !== true) {
        process.off(signal, listener);
      }
    }
  }

  return ran;
}

for (const [words, again] of [
  [['sget', 'a'], 'jangada sget'],
  [['sget', 'a', '--on-conflict', 'ask'], 'jangada sget .*--on-conflict ask'],
  [['mget', '*'], 'jangada mget'],
] as const) {
  test(`interrupted at the question about a file, ${words.join(' ')} suggests no command that changes the file`, async t => {
    const {serve, server, target} = await startHarness(t);
    serve('a', 'new');
    mkdirSync(target);
    writeFileSync(path.join(target, 'a'), 'old');
    const to = ['-o', target, '-s', server.address];
    const ran = await interrupted([...words, ...to], stderr => stderr.includes('n or s?'));
    assert.equal(ran.status, 130);
    assert.match(
      ran.stderr,
      new RegExp(`Interrupted; no file was changed\\. To begin again: ${again}[^\n]* '?[a*]'?\n$`),
    );
    assert.doesNotMatch(ran.stderr, /cget|on-conflict resume/);
    assert.equal(readFileSync(path.join(target, 'a'), 'utf8'), 'old');
  });
}

for (const [how, typed, again] of [
  ['skip', '', '--on-conflict skip'],
  ['rename', '', '--on-conflict rename'],
  ['newer', '', '--on-conflict newer'],
  ['overwrite', '', '--on-conflict resume'],
  ['resume', '', '--on-conflict resume'],
  [undefined, 's\n', ''],
  [undefined, 'n\n', ''],
  [undefined, 'o\n', '--on-conflict resume'],
] as const) {
  const decision = how === undefined ? `the answer ${typed.trim()}` : `--on-conflict ${how}`;
  test(`interrupted after ${decision}, the suggested command treats existing files in the same way: ${again}`, async t => {
    const {target, proxy, sent, address} = await startLine(t, {
      a: noise(20 * blockSize),
      b: noise(2000),
    });
    mkdirSync(target);
    writeFileSync(path.join(target, 'b'), 'mine');
    proxy.bytesPerSecond = 2_000_000;
    const words = ['mget', '*', '-o', target, '-s', address];
    const policy = how === undefined ? [] : ['--on-conflict', how];
    const ran = await interrupted([...words, ...policy], () => sent.bytes > blockSize, typed);
    assert.equal(ran.status, 130);
    const [, flags = ''] = /to go on: jangada mget (.*) '\*'\n$/.exec(ran.stderr) ?? [];
    assert.equal(flags, `--server ${address} --to ${target}${again === '' ? '' : ` ${again}`}`);
  });
}
