/** A server that gets a listening socket from systemd, or from a program that does the same. */
import assert from 'node:assert/strict';
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import process from 'node:process';
import {suite, type TestContext, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {parseAddress} from '../../protocol/address.ts';
import {inheritedSocket} from '../../server/inherited-socket.ts';
import {Client} from '../../source/client/client.ts';
import {freePort} from '../fixtures/free-port.ts';
import {temporaryFolder} from '../fixtures/harness.ts';
import {until} from '../fixtures/server/server-folder.ts';
import {withTypeScript} from '../fixtures/with-typescript.ts';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const program = [process.execPath, ...withTypeScript, cli];
/** The descriptor is meant for the process whose number is in LISTEN_PID. */
const asChild = ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', ...program];

suite('a socket that was opened before', {skip: process.platform === 'win32'}, () => {
  for (const more of [[], ['--processes', '2']]) {
    test(`is served with TLS and a token, because the server does not know who can reach it ${more.join(' ')}`, async t => {
      const {root, state} = place(t);
      const listener = createServer().listen(0, '127.0.0.1');
      t.after(() => listener.close());
      await once(listener, 'listening');
      // Node has the descriptor of its listener, but no public way to get it.
      const {fd} = (listener as unknown as {_handle: {fd: number}})._handle;
      const child = spawn('sh', [...asChild, root, ...more], {
        stdio: ['ignore', 'pipe', 'pipe', fd],
        env: {...process.env, JANGADA_STATE: state, LISTEN_FDS: '1'},
      });
      t.after(() => child.kill('SIGKILL'));
      const address = await printed(child);
      const bound = listener.address();
      listener.close();
      assert.ok(typeof bound === 'object' && bound !== null);
      assert.match(
        address,
        new RegExp(`^jangadas://[\\w-]{43}@127\\.0\\.0\\.1:${bound.port}#sha256:`),
      );
      await assertServes(address);
    });
  }

  test('together with another one is refused with a message', async t => {
    const {root, state} = place(t);
    const child = spawn('sh', [...asChild, root], {
      env: {...process.env, JANGADA_STATE: state, LISTEN_FDS: '2'},
    });
    let said = '';
    child.stderr.on('data', text => {
      said += text;
    });
    const [status] = await once(child, 'close');
    assert.equal(status, 2);
    assert.match(said, /systemd passed 2 sockets.*one ListenStream/);
  });

  test('without a port is refused with a message, and the program ends', async t => {
    const {root, state} = place(t);
    const listener = createServer().listen(join(state, '../socket'));
    t.after(() => listener.close());
    await once(listener, 'listening');
    const {fd} = (listener as unknown as {_handle: {fd: number}})._handle;
    const child = spawn('sh', [...asChild, root], {
      stdio: ['ignore', 'ignore', 'pipe', fd],
      env: {...process.env, JANGADA_STATE: state, LISTEN_FDS: '1'},
    });
    t.after(() => child.kill('SIGKILL'));
    let said = '';
    child.stderr?.on('data', text => {
      said += text;
    });
    const [status] = await once(child, 'close');
    assert.equal(status, 2, said);
    assert.match(said, /systemd passed a socket without a port: write a port after ListenStream=/);
  });

  test('for another process is not used', async t => {
    const {root, state} = place(t);
    const child = spawn(process.execPath, [...program.slice(1), root, '--port', '0'], {
      env: {...process.env, JANGADA_STATE: state, LISTEN_FDS: '1', LISTEN_PID: '1'},
    });
    t.after(() => child.kill('SIGKILL'));
    assert.match(await printed(child), /^jangada:\/\/127\.0\.0\.1:\d+$/);
  });

  test('starts the program at the first connection under systemd-socket-activate', {
    skip: !has('systemd-socket-activate') && 'there is no systemd-socket-activate here',
  }, async t => {
    const {root, state} = place(t);
    const port = await freePort();
    const child = spawn(
      'systemd-socket-activate',
      [
        '-l',
        `127.0.0.1:${port}`,
        '-E',
        `JANGADA_STATE=${state}`,
        ...program,
        root,
        '--insecure',
        '--no-token',
      ],
      {detached: true},
    );
    t.after(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'));
    let said = '';
    child.stderr.on('data', text => {
      said += text;
    });
    await until(() => said.includes('Listening on'), 'it listens');
    await assertServes(`jangada://127.0.0.1:${port}`);
  });
});

test('the variables of systemd are read once, and no other program sees them', () => {
  const pid = String(process.pid);
  for (const [environment, descriptor] of [
    [{LISTEN_FDS: '1', LISTEN_PID: pid}, 3],
    [{LISTEN_FDS: '1', LISTEN_PID: '1'}, undefined],
    [{LISTEN_PID: pid}, undefined],
    [{}, undefined],
  ] as const) {
    const all: NodeJS.ProcessEnv = {...environment, LISTEN_FDNAMES: 'a', HOME: '/root'};
    assert.equal(inheritedSocket(all), descriptor);
    assert.deepEqual(all, {HOME: '/root'});
  }

  for (const count of ['0', '2', 'x']) {
    const all: NodeJS.ProcessEnv = {LISTEN_FDS: count, LISTEN_PID: pid};
    assert.throws(() => inheritedSocket(all), {code: 'usage', message: /one ListenStream/});
  }
});

test('systemd-analyze finds no fault in the unit files', {
  skip: !has('systemd-analyze') && 'there is no systemd-analyze here',
}, t => {
  const folder = temporaryFolder(t);
  for (const name of ['jangada-server.service', 'jangada-server.socket']) {
    const source = fileURLToPath(new URL(`../../docs/deploy/${name}`, import.meta.url));
    // The program need not be installed on the machine of the tests.
    const sed = execFileSync('sed', ['s#^ExecStart=[^ ]*#ExecStart=/bin/true#', source]);
    writeFileSync(join(folder, name), sed);
  }

  const said = execFileSync(
    'sh',
    ['-c', 'systemd-analyze verify "$1"/*.service "$1"/*.socket 2>&1', 'sh', folder],
    {encoding: 'utf8'},
  );
  assert.equal(said, '');
});

function place(t: TestContext) {
  const folder = temporaryFolder(t);
  const root = join(folder, 'root');
  mkdirSync(root);
  writeFileSync(join(root, 'a'), 'a');
  return {root, state: join(folder, 'state')};
}

async function printed(child: ChildProcess): Promise<string> {
  let text = '';
  let said = '';
  child.stdout?.on('data', bytes => {
    text += bytes;
  });
  child.stderr?.on('data', bytes => {
    said += bytes;
  });
  await until(() => text.includes('\n') || child.exitCode !== null, 'it serves');
  assert.ok(text.includes('\n'), said);
  return text.trim();
}

async function assertServes(address: string): Promise<void> {
  await using client = new Client(parseAddress(address), {retries: 20, retryFirst: true});
  const names: string[] = [];
  for await (const entries of client.list(client.address.path)) {
    names.push(...entries.map(({name}) => name));
  }

  assert.deepEqual(names, ['a']);
}

function has(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`]);
    return true;
  } catch {
    return false;
  }
}
