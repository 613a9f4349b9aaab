import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {X509Certificate} from 'node:crypto';
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
import {constants, tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {after, test} from 'node:test';
import {connect} from 'node:tls';
import {fileURLToPath} from 'node:url';
import {makeCertificate} from '../../server/doors/certificate.ts';
import {patternedBytes, until} from '../fixtures/server/server-folder.ts';
import {entriesIn, json, kinds, RawPeer} from '../fixtures/server/server-raw-peer.ts';
import {withTypeScript} from '../fixtures/with-typescript.ts';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'jangada-cli-'));
const state = mkdtempSync(join(tmpdir(), 'jangada-cli-state-'));
after(() => {
  for (const folder of [root, state]) {
    rmSync(folder, {recursive: true, force: true});
  }
});

const running = new Set<ChildProcess>();
after(() => {
  // Programs of tests that were ended by a timeout.
  for (const child of running) {
    child.kill('SIGKILL');
  }
});

class Cli {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  /** The status as a shell reports it: for a program that a signal ended, 128 more than the number of the signal. */
  status: number | undefined;

  constructor(...args: string[]) {
    // The user `nobody` has the fewest rights on a machine. Only root can switch to this user.
    const nobody = args.includes('--as-nobody') ? {uid: 65_534, gid: 65_534} : {};
    const words = args.filter(word => word !== '--as-nobody');
    this.child = spawn(process.execPath, [...withTypeScript, cli, ...words], {
      ...nobody,
      env: {...process.env, JANGADA_STATE: state},
    });
    running.add(this.child);
    this.child.stdout?.on('data', text => {
      this.stdout += text;
    });
    this.child.stderr?.on('data', text => {
      this.stderr += text;
    });
    this.child.once('close', (status, signal) => {
      running.delete(this.child);
      this.status = signal === null ? Number(status) : 128 + constants.signals[signal];
    });
  }

  async ended(): Promise<void> {
    if (this.status === undefined) {
      await once(this.child, 'close');
    }
  }

  /** Resolves with the address when the server is ready. */
  async address(): Promise<{host: string; port: number}> {
    await until(() => this.stdout.includes('\n') || this.status !== undefined, 'it serves');
    const [, host = '', port = ''] = /^jangada:\/\/([^:]+):(\d+)\n$/.exec(this.stdout) ?? [];
    assert.notEqual(host, '', this.stdout + this.stderr);
    return {host, port: Number(port)};
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

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

for (const level of ['info', 'warn', 'error', 'silent']) {
  test(`a server that others can reach says so on standard error, with --log-level ${level}`, async () => {
    const open = ['--insecure', '--no-token'];
    using run = new Cli(root, '--port', '0', '--host', '0.0.0.0', ...open, '--log-level', level);
    await run.address();
    await until(() => run.stderr.includes('\n'), 'it says so');
    const said =
      /^(.*)serving .*to everybody who can reach this machine, without a password or encryption/;
    const [, before = ''] = said.exec(run.stderr) ?? assert.fail(run.stderr);
    if (level === 'info' || level === 'warn') {
      assert.match(before, /^\{"level":40,/, 'a warning in the log');
    } else {
      assert.equal(before, 'jangada-server: ');
    }
  });
}

test('a server that others can reach has TLS and a token by itself, the same at each start', async () => {
  const printed = async (...args: string[]) => {
    using run = new Cli(root, '--port', '0', '--host', '0.0.0.0', ...args);
    await until(() => run.stdout.includes('\n') || run.status !== undefined, 'it serves');
    return {line: run.stdout, log: run.stderr, run};
  };
  const first = await printed();
  const [, token = '', fingerprint = ''] =
    /^jangadas:\/\/([\w-]{43})@[^:]+:\d+#sha256:([0-9a-f]{64})\n$/.exec(first.line) ??
    assert.fail(first.line + first.log);
  for (const file of ['server-certificate.pem', 'server-tokens']) {
    assert.equal(statSync(join(state, file)).mode & 0o777, 0o600, file);
  }

  assert.match(first.log, /to everybody who can reach this machine and knows a token, over TLS/);
  assert.ok(!first.log.includes(token), 'the log is read by others');
  const second = await printed();
  assert.ok(second.line.includes(`${token}@`) && second.line.includes(fingerprint));
  const file = join(state, 'own-tokens');
  writeFileSync(file, 'some-token\n', {mode: 0o600});
  const ofFile = await printed('--token-file', file);
  assert.match(ofFile.line, /^jangadas:\/\/[^@]+#sha256:/, 'whoever wrote the file knows it');
  const plain = await printed('--insecure');
  assert.match(plain.line, /^jangada:\/\/[^@]+\n$/);
  assert.match(plain.log, /knows a token, without encryption/);
});

test('token adds, lists and removes tokens, and shows a token only when it adds it', async () => {
  const run = async (...args: string[]) => {
    const cli = new Cli('token', ...args);
    await cli.ended();
    return cli;
  };
  const file = ['--token-file', join(state, 'tokens-of-their-own')];
  const added = await run(
    'add',
    'anna',
    '--folder',
    '/photos/old one',
    '--expires',
    '2999-01-31',
    ...file,
  );
  assert.equal(added.status, 0, added.stderr);
  assert.match(added.stdout, /^[\w-]{43}\n$/);
  const listed = await run('list', ...file);
  // A token with a date is valid until the end of this day in local time.
  const end = new Date(2999, 0, 31, 23, 59, 59, 999).toISOString();
  assert.equal(listed.stdout, `anna\t/photos/old one\t${end}\n`);
  const again = await run('add', 'anna', ...file);
  assert.deepEqual([again.status, again.stdout], [1, '']);
  assert.match(again.stderr, /There is a token called 'anna'/);
  for (const [args, message] of [
    [['add'], /A token has a name/],
    [['add', 'a b'], /A token has a name/],
    [['add', 'b', '--expires', '2020-01-01'], /is in the past/],
    [['add', 'b', '--expires', 'soon'], /a day such as/],
    [['add', 'b', '--folder', '../x'], /--folder must be a folder below/],
    [['list', '--folder', 'x'], /are for token add/],
    [['list', 'x'], /Unexpected argument 'x'/],
    [['frob'], /Write token add/],
    [['add', 'b', '--frob'], /--frob/],
  ] as const) {
    const wrong = await run(...args, ...file);
    assert.equal(wrong.status, 2, args.join(' '));
    assert.match(wrong.stderr, message);
  }

  assert.equal((await run('remove', 'anna', ...file)).status, 0);
  assert.equal((await run('list', ...file)).stdout, '');
  assert.match((await run('remove', 'anna', ...file)).stderr, /Unknown token 'anna'/);
});

test('SIGHUP makes the server read its certificate again; an unusable one changes nothing', async () => {
  const [key, certificate] = [join(state, 'key.pem'), join(state, 'certificate.pem')];
  const write = () => {
    const made = makeCertificate();
    writeFileSync(key, made.key);
    writeFileSync(certificate, made.certificate);
    return new X509Certificate(made.certificate).fingerprint256;
  };
  const before = write();
  using run = new Cli(
    root,
    '--port',
    '0',
    '--no-token',
    '--tls-cert',
    certificate,
    '--tls-key',
    key,
  );
  await until(() => run.stdout.includes('\n'), 'it serves');
  const {port} = new URL(run.stdout.trim());
  const shown = async () => {
    const socket = connect({port: Number(port), host: '127.0.0.1', rejectUnauthorized: false});
    await once(socket, 'secureConnect');
    const {fingerprint256} = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  assert.equal(await shown(), before);
  writeFileSync(key, 'no key');
  run.child.kill('SIGHUP');
  await until(() => run.stderr.includes('the previous one stays'), 'it says so');
  assert.equal(await shown(), before);
  const next = write();
  run.child.kill('SIGHUP');
  await until(() => run.stderr.includes('read the certificate again'), 'it says so');
  assert.equal(await shown(), next);
});

test('--metrics serves metrics at the address in the log, also while the server drains', async () => {
  using run = new Cli(root, '--port', '0', '--metrics', '127.0.0.1:0', '--drain', '2');
  await run.address();
  const url = /"url":"(http:[^"]+)"/.exec(run.stderr)?.[1] ?? assert.fail(run.stderr);
  assert.match(await (await fetch(url)).text(), /^jangada_open_connections 0$/m);
  run.child.kill('SIGTERM');
  await until(() => run.stderr.includes('stopping soon'), 'it drains');
  assert.equal((await fetch(url)).status, 200);
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
  using run = new Cli(root, '--port', '0');
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

  for (let folder = realpathSync(cli); folder !== dirname(folder); folder = dirname(folder)) {
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
