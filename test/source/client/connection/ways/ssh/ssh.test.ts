import assert from 'node:assert/strict';
import {appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../../../protocol/address.ts';
import {isJangadaError} from '../../../../../../protocol/errors.ts';
import {nameToBytes} from '../../../../../../protocol/remote-path.ts';
import {Client, type ClientOptions} from '../../../../../../source/client/client.ts';
import {RateLimiter} from '../../../../../../source/client/connection/rate-limiter.ts';
import {Ssh, type SshOptions} from '../../../../../../source/client/connection/ways/ssh/ssh.ts';
import {Queue} from '../../../../../../source/transfers/queue/queue.ts';
import {noise, path, temporaryFolder, until} from '../../../../../fixtures/harness.ts';
import {ownRuntimeFolder} from '../../../../../fixtures/runtime-folder.ts';
import {
  processesNaming,
  type SshServer,
  withoutSshd as skip,
  startSshServer,
} from '../../../../../fixtures/ssh-server.ts';

const timeout = 120_000;
const MiB = 2 ** 20;

/** A client over ssh through `server`, for the folder `root` there. Client and ssh end with the test. */
function clientOf(
  t: TestContext,
  server: SshServer,
  root: string,
  {client: clientOptions, ...sshOptions}: SshOptions & {client?: ClientOptions} = {},
): Client {
  const ssh = new Ssh({command: server.ssh, remoteCommand: server.remoteCommand, ...sshOptions});
  const encoded = [...nameToBytes(root.slice(1))]
    .map(byte => `%${byte.toString(16).padStart(2, '0')}`)
    .join('');
  const address = parseAddress(`ssh://127.0.0.1:${server.port}/${encoded}`);
  const client = new Client(address, {ssh, ...clientOptions});
  t.after(async () => {
    await client[Symbol.asyncDispose]();
    await ssh[Symbol.asyncDispose]();
  });
  return client;
}

async function namesIn(client: Client): Promise<string[]> {
  const batches = await Array.fromAsync(client.list(path('')));
  return batches.flatMap(batch => batch.map(({name}) => name)).sort();
}

/** The error with which `client` cannot connect. */
async function failureOf(client: Client): Promise<{code: string; message: string}> {
  try {
    await client.hello();
  } catch (error) {
    assert.ok(isJangadaError(error));
    return error;
  }

  return assert.fail('it is connected');
}

function fill(folder: string, names: Readonly<Record<string, Uint8Array | string>>): string {
  mkdirSync(folder, {recursive: true});
  for (const [name, content] of Object.entries(names)) {
    writeFileSync(join(folder, name), content);
  }

  return folder;
}

test('several connections use one login, and nothing is left of it', {
  skip,
  timeout,
}, async t => {
  const runtime = ownRuntimeFolder(t);
  const server = await startSshServer(t);
  const content = noise(24 * MiB);
  const root = fill(join(server.folder, 'served'), {big: content, small: 'a'});
  const target = temporaryFolder(t);
  {
    await using ssh = new Ssh({command: server.ssh, remoteCommand: server.remoteCommand});
    const address = parseAddress(`ssh://127.0.0.1:${server.port}${root}`);
    await using client = new Client(address, {ssh, connections: 4});
    await using queue = new Queue({client, connections: 4});
    queue.add(
      ['big', 'small'].map(name => ({
        ...{remotePath: path(name), folder: target, localPath: name},
        onConflict: 'fail' as const,
      })),
    );
    await queue.idle();
    // One of the processes is the master, which keeps the connection of ssh.
    assert.ok(processesNaming(server.folder).length > 1);
    assert.equal(runtime().length, 1);
  }

  assert.ok(readFileSync(join(target, 'big')).equals(content));
  assert.equal(readFileSync(join(target, 'small'), 'utf8'), 'a');
  assert.equal(server.logins(), 1);
  await until(() => processesNaming(server.folder).length === 0);
  assert.deepEqual(runtime(), []);
});

test('with a short round trip, a large file arrives over one connection, however many are allowed', {
  skip,
  timeout,
}, async t => {
  const server = await startSshServer(t);
  const content = noise(48 * MiB);
  const root = fill(join(server.folder, 'served'), {big: content});
  const target = temporaryFolder(t);
  const client = clientOf(t, server, root, {client: {connections: 4}});
  const ping = client.ping.bind(client);
  t.mock.method(client, 'ping', async (options: Parameters<typeof ping>[0]) => {
    await ping(options);
    // A busy machine may take longer.
    return 1;
  });
  await using queue = new Queue({client, connections: 4});
  queue.add([{remotePath: path('big'), folder: target, localPath: 'big', onConflict: 'fail'}]);
  await queue.idle();
  assert.ok(readFileSync(join(target, 'big')).equals(content));
  assert.equal(server.starts(), 1);
});

test('a limit of the rate slows ssh down, and no byte is lost or comes twice', {
  skip,
  timeout,
}, async t => {
  const server = await startSshServer(t);
  const content = noise(3 * MiB + 17);
  const root = fill(join(server.folder, 'served'), {file: content});
  const target = temporaryFolder(t);
  const limiter = new RateLimiter(2 * MiB);
  const client = clientOf(t, server, root, {client: {limiter}});
  await using queue = new Queue({client});
  queue.add([{remotePath: path('file'), folder: target, localPath: 'file', onConflict: 'fail'}]);
  await queue.idle();
  assert.ok(readFileSync(join(target, 'file')).equals(content));
});

test('a connection can go through another machine', {skip, timeout}, async t => {
  const [outer, inner] = [await startSshServer(t), await startSshServer(t)];
  const root = fill(join(inner.folder, 'served'), {a: 'a'});
  const config = join(outer.folder, 'ssh-config');
  const host = (name: string, {key, folder, port}: SshServer): string =>
    `Host ${name}\n HostName 127.0.0.1\n Port ${port}\n IdentityFile ${key}\n IdentitiesOnly yes\n UserKnownHostsFile ${folder}/known\n`;
  writeFileSync(config, `${host('outer', outer)}${host('inner', inner)} ProxyJump outer\n`);
  await using ssh = new Ssh({command: `ssh -F "${config}"`, remoteCommand: inner.remoteCommand});
  await using client = new Client(parseAddress(`ssh://inner${root}`), {ssh});
  assert.deepEqual(await namesIn(client), ['a']);
  assert.deepEqual([outer.logins(), inner.logins()], [1, 1]);
});

test('names with characters that are special to a shell are folders like any other', {
  skip,
  timeout,
}, async t => {
  const server = await startSshServer(t);
  const every = Array.from({length: 127}, (_, index) => String.fromCharCode(index + 1));
  const names = [
    every.filter(character => character !== '/').join(''),
    '$(touch evil); touch evil & `touch evil`',
    'it\'s "so"',
    '-rf',
    'two\n\nlines\n',
    'ação 🌊',
    'not\udcff\udcfeutf8\udc80',
  ];
  for (const name of names) {
    const folder = Buffer.concat([Buffer.from(`${server.folder}/`), nameToBytes(name)]);
    mkdirSync(folder);
    writeFileSync(Buffer.concat([folder, Buffer.from('/here')]), '');
    const client = clientOf(t, server, join(server.folder, name));
    assert.deepEqual(await namesIn(client), ['here'], JSON.stringify(name));
  }

  assert.ok(!existsSync(join(server.folder, 'evil')) && !existsSync('evil'));
});

test('a key with a forced command sees only its folder', {skip, timeout}, async t => {
  const server = await startSshServer(t);
  const served = fill(join(server.folder, 'served'), {a: 'a'});
  fill(join(served, 'deep er'), {b: 'b'});
  fill(join(server.folder, 'other'), {c: 'c'});
  server.authorize(`restrict,command="${server.remoteCommand} --stdio --restrict '${served}'"`);
  // The forced command runs, whatever command the client requests.
  const remoteCommand = 'touch evil; jangada-server';
  const relative = (root: string): Client => {
    const ssh = new Ssh({command: server.ssh});
    const client = new Client(parseAddress(`ssh://127.0.0.1:${server.port}/${root}`), {ssh});
    t.after(async () => {
      await client[Symbol.asyncDispose]();
      await ssh[Symbol.asyncDispose]();
    });
    return client;
  };
  assert.deepEqual(await namesIn(relative('')), ['a', 'deep er']);
  assert.deepEqual(await namesIn(relative('~/deep%20er')), ['b']);
  assert.deepEqual(
    await namesIn(clientOf(t, server, join(served, 'deep er'), {remoteCommand: 'x'})),
    ['b'],
  );
  const outside = await failureOf(clientOf(t, server, join(server.folder, 'other')));
  assert.equal(outside.code, 'unreachable');
  assert.match(outside.message, /'\S*\/other' is outside the folder that this key may read/);
  assert.match(
    (await failureOf(relative('~/../other'))).message,
    /is outside the folder that this key may read/,
  );
  assert.match(
    (await failureOf(clientOf(t, server, served, {remoteCommand}))).message,
    /This key is only for jangada/,
  );
  assert.ok(!existsSync('evil'));
});

test('an error has the words of the program that knows the reason', {skip, timeout}, async t => {
  const server = await startSshServer(t);
  const root = fill(join(server.folder, 'served'), {a: 'a'});
  const failure = (options: SshOptions): Promise<{code: string; message: string}> =>
    failureOf(clientOf(t, server, root, options));

  const missing = await failure({remoteCommand: 'no-such-server'});
  assert.equal(missing.code, 'unreachable');
  assert.match(
    missing.message,
    /no-such-server does not exist on 127\.0\.0\.1.*npm install -g jangada on that machine.*--remote-command/,
  );

  const own = await failureOf(clientOf(t, server, '/none'));
  assert.match(
    own.message,
    /jangada-server on that machine says: The folder '\/none' does not exist/,
  );

  const chatty = await failure({
    remoteCommand: 'echo "Welcome to the machine"; exec cat #',
  });
  assert.match(
    chatty.message,
    /its shell writes the text 'Welcome to the machine' before the server begins/,
  );

  const coloured = await failure({remoteCommand: "printf '\\033[31mno\\007\\n' >&2; exit 1 #"});
  assert.match(coloured.message, /served: .*31mno/);
  assert.match(coloured.message, /^\P{Cc}*$/u);

  const silent = await failure({remoteCommand: 'exit 3; '});
  assert.match(silent.message, /ended with status 3/);

  const noSsh = await failure({command: '/no/ssh'});
  assert.equal(noSsh.code, 'usage');
  assert.match(noSsh.message, /Cannot find the program '\/no\/ssh'.*--ssh/);

  server.authorize('no-such-option');
  const wrongKey = await failure({});
  assert.equal(wrongKey.code, 'unauthorized');
  assert.match(
    wrongKey.message,
    /Permission denied \(publickey\)\..*Keys and agents need no question/,
  );

  writeFileSync(join(server.folder, 'known'), '');
  const unknown = await failure({});
  assert.equal(unknown.code, 'untrusted');
  assert.match(unknown.message, /ssh does not know its host key/);

  await server.kill();
  const gone = await failure({});
  assert.equal(gone.code, 'unreachable');
  assert.match(gone.message, /Connection refused/);
});

test('a large file continues where it stopped when sshd is killed and comes back', {
  skip,
  timeout,
}, async t => {
  const server = await startSshServer(t);
  const content = noise(1024 * MiB);
  const root = fill(join(server.folder, 'served'), {});
  writeFileSync(join(root, 'large'), content);
  const target = temporaryFolder(t);
  const client = clientOf(t, server, root, {client: {connections: 2, retries: 50}});
  await using queue = new Queue({client, connections: 2});
  const [id = 0] = queue.add([
    {remotePath: path('large'), folder: target, localPath: 'large', onConflict: 'fail'},
  ]);
  await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) > content.length / 4);
  await server.kill();
  await until(() => client.link.name === 'waiting');
  await server.begin();
  await queue.idle();
  const transfer = queue.transfer(id);
  assert.equal(transfer?.state.name, 'done', JSON.stringify(transfer));
  assert.ok(readFileSync(join(target, 'large')).equals(content));
  assert.equal(server.logins(), 2);
});

test('a login that is cancelled leaves nothing behind, and another one can begin', {
  skip,
  timeout,
}, async t => {
  const server = await startSshServer(t);
  const root = fill(join(server.folder, 'served'), {a: 'a'});
  // For now the proxy command never answers.
  const config = join(server.folder, 'ssh-config');
  appendFileSync(config, 'ProxyCommand sleep 100\n');
  const client = clientOf(t, server, root);
  const stop = new AbortController();
  const given = client.hello({signal: stop.signal});
  await until(() => processesNaming(server.folder).length > 0);
  stop.abort();
  await assert.rejects(given, error => isJangadaError(error, 'aborted'));
  writeFileSync(config, '');
  assert.deepEqual(await namesIn(client), ['a']);
});
