/** Several processes behind one port: which process gets a connection, and what happens when a process dies. */
import assert from 'node:assert/strict';
import childProcess, {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, renameSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {createServer} from 'node:net';
import {join} from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {pauseAfter} from '../../../server/cluster/keeper.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {patternedBytes, ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {type LogLine, ServerProcesses} from '../../fixtures/server/server-processes.ts';
import {kinds, type RawPeer} from '../../fixtures/server/server-raw-peer.ts';
import {withTypeScript} from '../../fixtures/with-typescript.ts';

const client = fileURLToPath(new URL('../../../source/jangada.ts', import.meta.url));
const mebibyte = 1_048_576;
/** The limit for a test that hangs, for all tests here. */
const timeout = 600_000;

suite('several processes', {timeout, skip: process.platform === 'win32'}, () => {
  test('serve at one address, each the same number of connections, and write whole log lines', async t => {
    const server = await ServerProcesses.start(t, {a: 'x'});
    assert.match(server.stdout, /^jangada:\/\/127\.0\.0\.1:\d+\n$/);
    const peers: RawPeer[] = [];
    while (peers.length < 10) {
      peers.push(await server.peer());
    }

    const ended = () => server.told(/^connection ended$/);
    // The log lines are longer than the system writes to a pipe at once.
    const path = `${'\u0001'.repeat(255)}/`.repeat(15);
    await Promise.all(peers.map(peer => peer.ask(kinds.stat, {path: `${path}x`})));
    // Every other connection is with the same process, so this process gets all new ones.
    for (const {socket} of peers.filter((_, index) => index % 2 === 0)) {
      socket.destroy();
    }

    await until(() => ended().length === 5, 'five have ended');
    peers.push(...(await Promise.all(Array.from({length: 5}, () => server.peer()))));
    for (const {socket} of peers) {
      socket.destroy();
    }

    await until(() => ended().length === 15, 'all have ended');
    const last = ended().slice(5);
    assert.deepEqual(last.map(line => line.process).sort(), [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    assert.equal(server.told(/^serving '/).length, 1);
    assert.equal(server.told(/\\x01/).length, 10);
  });

  test('continue when one is killed: its clients get the right bytes from the others', async t => {
    const bytes = patternedBytes(24 * mebibyte);
    const server = await ServerProcesses.start(t, {big: bytes}, '--limit', '8M');
    const target = temporaryFolder(t);
    const words = ['sget', 'big', '-s', server.stdout.trim(), '--to', target, '--quiet'];
    const download = spawn(process.execPath, [...withTypeScript, client, ...words]);
    t.after(() => download.kill('SIGKILL'));
    const closed = once(download, 'close');
    const [first = 0] = server.pids;
    await until(() => server.told(/^connection/).length > 0 || hasBytes(target), 'it has begun');
    process.kill(first, 'SIGKILL');
    const [status] = await closed;
    assert.equal(status, 0);
    assert.ok(readFileSync(join(target, 'big')).equals(bytes));
    await until(() => server.pids.length === 3, 'another one serves');
    assert.equal(server.told(/the server starts another one/)[0]?.signal, 'SIGKILL');
    const peers = await Promise.all(Array.from({length: 6}, () => server.peer()));
    for (const peer of peers) {
      assert.equal((await peer.ask(kinds.stat, {path: 'big'})).at(-1)?.kind, kinds.entry);
      peer.socket.destroy();
    }

    const [, second, third] = server.pids;
    const counts = () =>
      [second, third].map(
        pid => server.told(/^connection ended$/).filter(line => line.pid === pid).length,
      );
    await until(() => counts().every(count => count >= 3), 'both have served');
  });

  test('are started again after longer and longer pauses if one cannot start, and the log says why', async t => {
    const server = await ServerProcesses.start(t, {a: 'x'});
    const [first = 0] = server.pids;
    renameSync(server.root, `${server.root}-away`);
    process.kill(first, 'SIGKILL');
    const replaced = () => server.told(/the server starts another one/);
    await until(() => replaced().length >= 3, 'it was tried again');
    assert.deepEqual(
      replaced()
        .slice(0, 3)
        .map(({waitMs}) => waitMs),
      [0, 500, 1000],
    );
    assert.match(
      server.told(/^a serving process failed to start/)[0]?.error as string,
      /The folder .* does not exist/,
    );
    // The other process still has the folder open.
    const peer = await server.peer();
    assert.equal((await peer.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
    renameSync(`${server.root}-away`, server.root);
    await until(() => server.pids.length === 3, 'it serves');
  });

  test('are started again after longer and longer pauses while the system lacks memory for one', async t => {
    await using folder = await ServedFolder.start({a: 'x'}, {processes: 2});
    const told = (msg: string) =>
      folder.logs.map(line => JSON.parse(line) as LogLine).filter(line => line.msg === msg);
    const serve = () => told('a serving process is ready');
    await until(() => serve().length === 2, 'both serve');
    const noMemory = Object.assign(new Error('spawn ENOMEM'), {code: 'ENOMEM'});
    const fork = t.mock.method(childProcess, 'fork', () => {
      throw noMemory;
    });
    syncBuiltinESMExports();
    t.after(() => {
      fork.mock.restore();
      syncBuiltinESMExports();
    });
    process.kill(serve()[0]?.pidOfProcess ?? assert.fail(), 'SIGKILL');
    const failed = () => told('cannot start a serving process: the server tries again');
    await until(() => failed().length >= 2, 'it was tried twice');
    fork.mock.restore();
    syncBuiltinESMExports();
    await until(() => serve().length === 3, 'another one serves');
    assert.deepEqual(
      failed()
        .slice(0, 2)
        .map(({waitMs}) => waitMs),
      [500, 1000],
    );
    assert.match(String(failed()[0]?.error), /spawn ENOMEM/);
    const peer = await folder.peer();
    assert.equal((await peer.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
  });

  test('that cannot serve end the server with one line, and with the status of a single process', async t => {
    const blocker = createServer().listen(0, '127.0.0.1');
    t.after(() => blocker.close());
    await once(blocker, 'listening');
    const address = blocker.address();
    assert.ok(typeof address === 'object' && address !== null);
    const cases: [string[], RegExp, number][] = [
      [['--port', `${address.port}`], /in use/, 1],
      [['--trust-proxy', 'nobody'], /'nobody' for --trust-proxy: use IP addresses/, 2],
    ];
    for (const [args, said, status] of cases) {
      const server = ServerProcesses.begin(t, {}, '--processes', '2', ...args);
      await server.ended();
      assert.equal(server.status, status);
      assert.match(server.stderr.split('\n').at(-2) ?? '', said);
      assert.equal(server.stdout, '');
    }
  });

  test('the pause is 0 after a long life, and half a minute at most', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 7, 8, 50].map(pauseAfter),
      [0, 0, 500, 1000, 16_000, 30_000, 30_000],
    );
  });
});

function hasBytes(folder: string): boolean {
  mkdirSync(folder, {recursive: true});
  try {
    return readFileSync(join(folder, 'big.jangada-part')).length > mebibyte;
  } catch {
    return false;
  }
}
