import assert from 'node:assert/strict';
import {once} from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {Cli, program, root} from '../fixtures/server/cli-program.ts';
import {patternedBytes, until} from '../fixtures/server/server-folder.ts';
import {entriesIn, json, kinds, RawPeer} from '../fixtures/server/server-raw-peer.ts';

test('wrong usage ends with status 2 and one line', async () => {
  const cases: [string[], RegExp][] = [
    [['--prot', '5'], /'--prot'.*--port/],
    [['--port', '1', '--port', '2'], /port/],
    [['--\x1b[31mred'], /\\x1b/],
    [[root, '--digests', join(root, 'digests')], /inside the served folder.*outside of it/],
  ];
  const runs = cases.map(([args, expected]) => ({run: new Cli(...args), args, expected}));
  for (const {run, args, expected} of runs) {
    await run.ended();
    assert.equal(run.status, 2, args.join(' '));
    assert.match(run.stderr, expected);
    assert.match(run.stderr, /^jangada-server: .*\n$/, 'one line');
    assert.equal(run.stdout, '');
  }
});

test('a server that cannot start ends with status 1 and one line', async t => {
  writeFileSync(join(root, 'file'), '');
  const blocker = createServer().listen(0, '127.0.0.1');
  t.after(() => blocker.close());
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cases: [string[], RegExp][] = [
    [[join(root, 'missing')], /The folder '.*' does not exist/],
    [[join(root, 'file')], /not a folder/],
    [
      [root, '--digests', join(`${root}-missing`, 'digests')],
      /--digests cannot be used \(ENOENT\)/,
    ],
    [[root, '--port', String(port)], new RegExp(`Port ${port}.*in use.*--port`)],
    [
      [root, '--port', '0', '--host', '192.0.2.1'],
      /192\.0\.2\.1 is not an address of this machine/,
    ],
    // A name longer than any host name, so no name server is asked for it.
    [
      [root, '--port', '0', '--host', 'x'.repeat(64)],
      /The name x{64} has no address; check --host/,
    ],
  ];
  for (const [args, expected] of cases) {
    const run = new Cli(...args);
    await run.ended();
    assert.equal(run.status, 1, args.join(' '));
    assert.match(run.stderr, expected);
    assert.match(run.stderr, /^jangada-server: .*\n$/, 'one line');
    assert.equal(run.stdout, '');
  }
});

test('--help and --version answer on standard output', async () => {
  const help = new Cli('--help');
  const version = new Cli('--version', root);
  await help.ended();
  await version.ended();
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^Usage: jangada-server/);
  assert.equal(version.status, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

for (const [words, expected] of [
  [['-h'], /^Usage: jangada-server/],
  [['token', 'add', '--help'], /^Usage: jangada-server/],
  [['-V'], /^\d+\.\d+\.\d+\n$/],
  [['completion', 'zsh'], /^#compdef jangada-server\n/],
  [['__complete', 'fish', '--log-level', 'de'], /^words\ndebug\n$/],
] as const) {
  test(`jangada-server ${words.join(' ')} answers and ends`, async () => {
    const run = new Cli(...words);
    await run.ended();
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, expected);
  });
}

test('one line has the address, the log says what is served to whom, and a signal ends the server', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    using run = new Cli(root, '--port', '0');
    const address = await run.address();
    assert.equal(address.host, '127.0.0.1');
    const peer = await RawPeer.greeted(address);
    assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
    run.child.kill(signal);
    await run.ended();
    assert.equal(run.status, 0);
    assert.equal(await peer.errorCode(), 'timed_out');
    const lines = run.stderr
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as {msg: string});
    assert.match(
      lines[0]?.msg ?? '',
      /^serving '.*', read-only, to programs on this machine alone$/,
    );
    assert.equal(lines.at(-1)?.msg, 'stopped');
    assert.match(run.stdout, /^[^\n]+\n$/);
  }
});

test('--metrics serves metrics at the address in the log, also while the server drains', async () => {
  using run = new Cli(root, '--port', '0', '--metrics', '127.0.0.1:0', '--drain', '600');
  await run.address();
  const url = /"url":"(http:[^"]+)"/.exec(run.stderr)?.[1] ?? assert.fail(run.stderr);
  assert.match(await (await fetch(url)).text(), /^jangada_open_connections 0$/m);
  run.child.kill('SIGTERM');
  await until(() => run.stderr.includes('stopping soon'), 'it drains');
  assert.equal((await fetch(url)).status, 200);
  run.child.kill('SIGTERM');
  await run.ended();
  assert.equal(run.status, 143);
});

test('--drain ends by itself, and metrics with it', async () => {
  using run = new Cli(root, '--port', '0', '--metrics', '127.0.0.1:0', '--drain', '1');
  await run.address();
  run.child.kill('SIGTERM');
  await run.ended();
  assert.equal(run.status, 0);
});

for (const level of ['warn', 'silent']) {
  test(`--metrics on a public address causes a warning, with --log-level ${level}`, async () => {
    using run = new Cli(root, '--port', '0', '--metrics', '0.0.0.0:0', '--log-level', level);
    await run.address();
    assert.match(run.stderr, /everybody who can reach the port of --metrics/);
  });
}

test('if the port of --metrics is in use, the program ends with one line and serves nothing', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const {port} = taken.address() as AddressInfo; // The listener has a TCP port.
  using run = new Cli(root, '--port', '0', '--metrics', `127.0.0.1:${port}`);
  await run.ended();
  taken.close();
  assert.equal(run.status, 1);
  assert.match(run.stderr, /^jangada-server: --metrics 127\.0\.0\.1:\d+: .*EADDRINUSE.*\n$/);
  assert.equal(run.stdout, '');
});

test('if its port is in use, the program ends although --metrics has a port already', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const {port} = taken.address() as AddressInfo; // The listener has a TCP port.
  using run = new Cli(root, '--port', String(port), '--metrics', '127.0.0.1:0');
  await run.ended();
  taken.close();
  assert.equal(run.status, 1);
});

test('a second signal ends the server at once', async () => {
  writeFileSync(join(root, 'large'), patternedBytes(64 * 1_048_576));
  using run = new Cli(root, '--port', '0', '--grace', '600');
  const peer = await RawPeer.greeted(await run.address());
  peer.request(kinds.get, {path: 'large'});
  await peer.pauseAfter(1_048_576);
  run.child.kill('SIGTERM');
  await until(() => run.stderr.includes('stopping'), 'it is stopping');
  assert.equal(run.status, undefined);
  run.child.kill('SIGTERM');
  await run.ended();
  assert.equal(run.status, 143);
  peer.socket.destroy();
});

/** Why the server cannot run as a user with fewer rights; undefined if it can. */
function whyNotAsNobody(): string | undefined {
  if (process.getuid?.() !== 0) {
    return 'only root can make files that the server cannot read';
  }

  for (let folder = realpathSync(program); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(dirname(folder)).mode & 0o001) === 0) {
      return 'the programs stand in a folder that others may not enter';
    }
  }

  return undefined;
}

test('files that the server may not read are forbidden; about targets outside the root it says nothing', {
  skip: whyNotAsNobody(),
}, async () => {
  const outside = mkdtempSync(join(tmpdir(), 'jangada-outside-'));
  const served = join(root, 'readable');
  mkdirSync(join(served, 'closed'), {recursive: true});
  writeFileSync(join(served, 'closed/file'), '');
  writeFileSync(join(served, 'private'), '', {mode: 0o600});
  writeFileSync(join(served, 'public'), '');
  symlinkSync(join(outside, 'file'), join(served, 'link'));
  chmodSync(join(served, 'closed'), 0o700);
  chmodSync(root, 0o755);
  using run = new Cli(served, '--port', '0', '--as-nobody');
  const peer = await RawPeer.greeted(await run.address());
  for (const [kind, path, expected] of [
    [kinds.get, 'public', undefined],
    [kinds.get, 'private', 'forbidden'],
    [kinds.get, 'closed/file', 'forbidden'],
    [kinds.list, 'closed', 'forbidden'],
    [kinds.stat, 'closed', undefined],
    [kinds.get, 'link', 'not_found'],
    [kinds.stat, 'link', 'not_found'],
  ] as const) {
    peer.request(kind, {path});
    assert.equal(await peer.errorCode(), expected, path);
  }

  const names = entriesIn(await peer.ask(kinds.list, {path: ''})).map(({name}) => name);
  assert.deepEqual(names.sort(), ['closed', 'private', 'public']);
  peer.request(kinds.find, {path: '', masks: ['**']});
  const found = await peer.answer();
  assert.equal(json(found.at(-1) ?? assert.fail()).count, 2);
  rmSync(outside, {recursive: true});
});

test('32 readers, most of which have stopped, take less than 112 MB together, not counting threads for a slow disk', {
  skip: process.platform === 'linux' ? false : 'memory is read from /proc',
}, async () => {
  writeFileSync(join(root, 'large'), patternedBytes(64 * 1_048_576));
  using run = new Cli(root, '--port', '0', '--log-level', 'error');
  const address = await run.address();
  const atFirst = statusOf(run, 'VmRSS');
  const threadsAtFirst = statusOf(run, 'Threads');
  const stopped = await Promise.all(Array.from({length: 30}, () => RawPeer.greeted(address)));
  const readers = await Promise.all(Array.from({length: 2}, () => RawPeer.greeted(address)));
  for (const peer of [...stopped, ...readers]) {
    peer.request(kinds.get, {path: 'large'});
  }

  await Promise.all(stopped.map(peer => peer.pauseAfter(1000)));
  for (const reader of readers) {
    assert.equal((await reader.answer()).at(-1)?.kind, kinds.end);
  }

  const more = statusOf(run, 'VmHWM') - atFirst;
  // A busy machine looks like a slow disk, which threads read. Run from its sources, the server needs 19 MB for each.
  const threads = statusOf(run, 'Threads') - threadsAtFirst;
  // Buffers take 50 MB. V8 takes the rest before it collects garbage, up to 30 MB on a busy machine.
  assert.ok(more < 112_000 + threads * 20_000, `${more} kB, ${threads} more threads`);
  for (const peer of [...stopped, ...readers]) {
    peer.socket.destroy();
  }
});

/** The number in a line of `/proc/PID/status`. Memory is in kB. */
function statusOf({child}: Cli, line: string): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(new RegExp(`${line}:\\s+(\\d+)`).exec(status)?.[1]);
}
