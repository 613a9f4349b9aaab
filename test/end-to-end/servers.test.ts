import assert from 'node:assert/strict';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer as createHttpServer} from 'node:http';
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseAddress, serverName} from '../../protocol/address.ts';
import {encodeAnswer} from '../../protocol/messages.ts';
import {parseRemotePath} from '../../protocol/remote-path.ts';
import {startServer} from '../../server/server.ts';
import {QueueStore} from '../../source/transfers/database/queue-store.ts';
import {testDoor} from '../fixtures/door.ts';
import {freePort} from '../fixtures/free-port.ts';
import {noise, startHarness, temporaryFolder, until} from '../fixtures/harness.ts';
import {deadlineMs, type Terminal, type TerminalOptions} from '../fixtures/terminal.ts';
import {startGate} from './gate.ts';
import {MiB, startJangada, startJourney} from './journey.ts';

const sizes = [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
] as const;

/** Start the program without an address, with its own state folder. */
function startAlone(
  t: TestContext,
  {state = temporaryFolder(t), ...options}: TerminalOptions & {state?: string} = {},
): {screen: Terminal; state: string; target: string} {
  const target = temporaryFolder(t);
  const environment = {JANGADA_STATE: state, JANGADA_CONFIG: state, JANGADA_SERVER: undefined};
  const screen = startJangada(t, ['--to', target], {...options, environment});
  return {screen, state, target};
}

/** Let a server of this test listen. @returns its `host:port`. */
async function listen(t: TestContext, server: Server): Promise<string> {
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    t.after(() => socket.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`; // The listener has a TCP port.
}

const serverOf = (address: string): string => serverName(parseAddress(address));

for (const size of sizes) {
  test(`at ${size.columns} x ${size.rows}: a typed address opens, and is in the list from then on`, async t => {
    const {server} = await startJourney(t, {files: {'fotos/boat.txt': 'a raft'}});
    const {screen, state} = startAlone(t, size);
    await screen.waitFor(/▌ +this machine +127\.0\.0\.1:1234[\s\S]*No server has been used yet\./);
    assert.match(screen.text, /Type an address to open another server/);
    assert.match(screen.text, /a address .*\? help {2}q quit/);
    // The user types an address at once, with an error in it.
    screen.type('http://x\r');
    await screen.waitFor(/is not an address/);
    screen.press('escape');
    await screen.waitFor(/q quit/);
    screen.type(`${server.address}/fotos\r`);
    await screen.waitFor(/boat\.txt/);
    screen.press('left');
    await screen.waitFor(/▌ . fotos\//);
    screen.press('right');
    await screen.waitFor(/boat\.txt/);
    screen.type('b');
    const address = serverOf(server.address);
    await screen.waitFor(new RegExp(`▌ +${address}/fotos .*\\n.* 127\\.0\\.0\\.1:1234 `));
    screen.press('enter');
    await screen.waitFor(/boat\.txt/);
    screen.type('q');
    assert.equal((await screen.ended()).status, 0);
    screen.assertRestored();

    const again = startAlone(t, {...size, state}).screen;
    await again.waitFor(new RegExp(`▌ +${address}/fotos `));
    again.press('ctrl-c');
    assert.equal((await again.ended()).status, 0);
    again.assertRestored();
  });
}

test('after the user leaves a server, any process can take its queue, and it continues when the user returns', async t => {
  const content = noise(8 * MiB);
  const {root, server} = await startJourney(t, {files: {'fotos/big.bin': content}});
  const gate = await startGate(t, server);
  const other = await startServer({root, port: 0});
  t.after(() => other.close({graceMs: 0}));
  const {screen, state, target} = startAlone(t);
  await screen.waitFor(/this machine/);
  screen.type(`${gate.address}/fotos\r`);
  await screen.waitFor(/big\.bin/);
  gate.shut();
  gate.allow(2.5 * MiB);
  screen.type('d');
  await screen.waitFor(/[◜◠◝◞◡◟] big\.bin .* 31 %/);
  screen.type('b');
  const asked = await screen.waitFor(/Leave this server\?[\s\S]*▌ b {2}Leave/);
  assert.match(asked, /Running: 1 transfer\./);
  assert.match(asked, /continue when you come back/);
  screen.press('escape');
  await screen.waitFor(text => !text.includes('Leave this server?'));
  screen.type('bb');
  await screen.waitFor(/Finishing the blocks in hand/);
  // The block under way is not fetched twice.
  gate.allow(MiB);
  const name = serverOf(gate.address);
  await screen.waitFor(new RegExp(`▌ +${name}/fotos .* 1 waiting · \\d\\.\\d+ MB`));
  using store = new QueueStore(join(state, 'queue.db'));
  await until(() => !store.isWorkedOn(name), deadlineMs);

  screen.type(`${other.address}\r`);
  await screen.waitFor(/fotos\//);
  assert.ok(store.isWorkedOn(serverOf(other.address)));
  assert.match(screen.text, /Nothing is queued\./);
  screen.type('b');
  await screen.waitFor(new RegExp(`▌ +${serverOf(other.address)} [\\s\\S]* 1 waiting`));
  await until(() => !store.isWorkedOn(serverOf(other.address)), deadlineMs);

  gate.open();
  screen.press('down', 'enter');
  await screen.waitFor(/Files \/fotos[\s\S]*✓ big\.bin +fotos +verified/);
  // The file is saved under its whole path, because the user may return to the server in another folder.
  assert.ok(readFileSync(join(target, 'fotos', 'big.bin')).equals(content));
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
});

test('errors while connecting say what to try, and Esc gives up', async t => {
  const refused = `127.0.0.1:${await freePort()}`;
  const web = await listen(
    t,
    createHttpServer((_request, response) => response.end('hello')),
  );
  const mute = await listen(
    t,
    createServer(socket => socket.once('data', () => socket.end())),
  );
  const busy = encodeAnswer('error', {code: 'busy', message: 'The server has 64 connections'});
  const full = await listen(
    t,
    createServer(socket => socket.end(busy)),
  );
  const silent = await listen(t, createServer());
  const {screen} = startAlone(t);
  await screen.waitFor(/this machine/);
  for (const [address, said] of [
    [refused, /✗ No connection to .*: nothing listens there\. Check the address, and that/],
    [web, /✗ The program that listens on .* is not a jangada-server \(it answered like HTTP\)/],
    [
      mute,
      /✗ The program that listens on [\s\S]*It may expect TLS: then its address begins with jangadas/,
    ],
    [full, /✗ No connection to jangada:.*: The server has 64 connections\./],
    [
      'no-such-host.invalid',
      /✗ No connection to no-such-host\.invalid:1234: (?:no host has that name|the name)/,
    ],
  ] as const) {
    screen.type(`${address}\r`);
    await screen.waitFor(text => said.test(text) && text.includes(address));
    assert.match(screen.text, /a brings the address back, to be changed or tried again\./);
  }

  screen.type(`${silent}\r`);
  await screen.waitFor(new RegExp(`Connecting to ${silent}… Esc gives up\\.`));
  screen.press('escape');
  await screen.waitFor(new RegExp(`Gave up connecting to ${silent}\\.`));
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
});

test('one key each makes a bookmark, removes it, and removes its server from the list', async t => {
  const state = temporaryFolder(t);
  const file = join(state, 'servers.json');
  const servers = [{address: 'jangada://files.example.org:1234/a%1Bb', usedMs: 1_000_000_000_000}];
  writeFileSync(file, JSON.stringify({version: 1, servers}));
  const {screen} = startAlone(t, {state});
  await screen.waitFor(/▌ +files\.example\.org:1234\/a\\x1bb +2001-09-09 +–/);
  screen.type('*');
  await screen.waitFor(/Name of the bookmark: files\.example\.org/);
  screen.send('\u0015');
  screen.type('Fotos\r');
  await screen.waitFor(/1 bookmark · 0 recent[\s\S]*▌ ◆ Fotos +files\.example\.org/);
  await screen.waitFor(/Fotos is a bookmark\./);
  await until(() => readFileSync(file, 'utf8').includes('"label": "Fotos"'), deadlineMs);
  screen.type('-');
  await screen.waitFor(/This server is a bookmark: press \* to remove/);
  screen.type('*-');
  await screen.waitFor(/0 bookmarks · 0 recent[\s\S]*No server has been used yet/);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {version: 1, servers: []});
  screen.type('?');
  await screen.waitFor(/Keys[\s\S]*a bookmark with a name/);
  screen.press('escape');
  await screen.waitFor(text => !text.includes('Keys'));
  // A program without a shell is not stopped, so nothing is lost.
  screen.send('\u001a');
  await screen.waitFor(/No shell can bring jangada back here/);
  screen.press('f10');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
});

for (const size of sizes) {
  test(`at ${size.columns} x ${size.rows}: a click chooses a server, two clicks open it, the wheel moves, and clicks on words press keys`, async t => {
    const {server} = await startJourney(t, {files: {'fotos/boat.txt': ''}});
    const state = temporaryFolder(t);
    const servers = [
      {address: 'jangada://one.example:1', usedMs: 3_000_000_000_000},
      {address: `${server.address}/fotos`, usedMs: 2_000_000_000_000},
      {address: 'jangada://two.example:1', usedMs: 1_000_000_000_000},
    ];
    writeFileSync(join(state, 'servers.json'), JSON.stringify({version: 1, servers}));
    const {screen} = startAlone(t, {...size, state});
    await screen.waitFor(/▌ +one\.example:1/);
    await screen.waitFor(() => screen.mouseMode === 'vt200');
    screen.clickOn('two.example');
    await screen.waitFor(/▌ +two\.example:1/);
    screen.wheel(10, 5, -1);
    await screen.waitFor(/▌ +one\.example:1/);
    screen.clickOn('help');
    await screen.waitFor(/Keys[\s\S]*With the mouse|Keys[\s\S]*more/);
    screen.click(5, 5);
    await screen.waitFor(text => !text.includes('Keys'));
    screen.clickOn(serverOf(server.address), 2);
    await screen.waitFor(/boat\.txt/);
    screen.type('b');
    await screen.waitFor(/1 bookmark|recent/);
    screen.clickOn('quit');
    assert.equal((await screen.ended()).status, 0);
    screen.assertRestored();
  });
}

test('the queues on the screen follow what other programs do', async t => {
  const state = temporaryFolder(t);
  const {screen} = startAlone(t, {state});
  await screen.waitFor(/this machine/);
  using store = new QueueStore(join(state, 'queue.db'));
  const remotePath = parseRemotePath('a');
  const transfer = {remotePath, folder: '/d', localPath: 'a', onConflict: 'fail'} as const;
  store.add('files.example.org:1234', [transfer]);
  await screen.waitFor(/files\.example\.org:1234 .* 1 waiting/);
  store.add('files.example.org:1234', [{...transfer, localPath: 'b'}]);
  await screen.waitFor(/files\.example\.org:1234 .* 2 waiting/);
  screen.type('q');
  await screen.ended();
});

test('configured keys count, and sentences name them', async t => {
  const own = temporaryFolder(t);
  writeFileSync(
    join(own, 'config.json'),
    '{"keys": {"open": ["O"], "address": ["A"], "help": ["H"], "quit": ["Q"]}}',
  );
  const refused = `127.0.0.1:${await freePort()}`;
  const screen = startJangada(t, ['--to', own], {
    environment: {JANGADA_STATE: own, JANGADA_CONFIG: own, JANGADA_SERVER: undefined},
  });
  await screen.waitFor(/A address .*H help {2}Q quit/);
  screen.type(`A${refused}\r`);
  await screen.waitFor(/A brings the address back, to be changed or tried again\./);
  screen.type('H');
  await screen.waitFor(/Keys[\s\S]* O +open the server/);
  screen.press('escape');
  await screen.waitFor(text => !text.includes('Keys'));
  screen.type('Q');
  assert.equal((await screen.ended()).status, 0);
});

test('with an address the server opens at once, and is in the list at the next start', async t => {
  const {server, jangada} = await startJourney(t, {files: {'fotos/boat.txt': ''}});
  const screen = jangada();
  await screen.waitFor(/^ jangada {2}127\.0\.0\.1:\d+ [\s\S]*fotos\//);
  assert.doesNotMatch(screen.written, /Servers/);
  screen.press('right');
  await screen.waitFor(/boat\.txt/);
  screen.type('b');
  await screen.waitFor(new RegExp(`▌ +${serverOf(server.address)}/fotos `));
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
});

for (const size of sizes) {
  test(`at ${size.columns} x ${size.rows}: the screen asks once about an unknown certificate, and trusts it only after yes`, async t => {
    const {server} = await startHarness(t, {server: {door: testDoor(t, {tokens: []})}});
    const address = `jangadas://127.0.0.1:${server.port}`;
    const {screen, state} = startAlone(t, size);
    await screen.waitFor(/No server has been used yet/);
    screen.type(`${address}\r`);
    await screen.waitFor(/Trust it from now on\?/);
    const seen = screen.text.replace(/[\s│]/g, '');
    assert.ok(seen.includes(`sha256:${server.address.slice(-64)}`), screen.text);
    screen.type('maybe\r');
    await screen.waitFor(/Type yes, or press Esc/);
    screen.press('escape');
    await screen.waitFor(/q quit/);
    assert.equal(existsSync(join(state, 'known-servers')), false);
    screen.type(`${address}\r`);
    await screen.waitFor(/Trust it from now on\?/);
    screen.type('yes\r');
    await screen.waitFor(/Files \//);
    assert.match(screen.text, new RegExp(`jangada +${address}`));
    assert.match(readFileSync(join(state, 'known-servers'), 'utf8'), /sha256:[0-9a-f]{64}\n$/);
    screen.type('q');
    assert.equal((await screen.ended()).status, 0);
    screen.assertRestored();
    const again = startJangada(t, [address], {
      ...size,
      environment: {JANGADA_STATE: state, JANGADA_CONFIG: state, JANGADA_SERVER: undefined},
    });
    await again.waitFor(/Files \//);
    again.type('q');
    assert.equal((await again.ended()).status, 0);
  });
}

test('if the address is on the command line, the question about an unknown certificate comes before the full screen', async t => {
  const {server} = await startHarness(t, {server: {door: testDoor(t, {tokens: []})}});
  const state = temporaryFolder(t);
  const environment = {JANGADA_STATE: state, JANGADA_CONFIG: state, JANGADA_SERVER: undefined};
  const address = `jangadas://127.0.0.1:${server.port}`;
  const refused = startJangada(t, [address], {environment});
  await refused.waitFor(/sha256:[0-9a-f]{64}[\s\S]*\(yes\/no\)/);
  refused.type('no\r');
  assert.equal((await refused.ended()).status, 4);
  const trusted = startJangada(t, [address], {environment});
  await trusted.waitFor(/\(yes\/no\)/);
  trusted.type('yes\r');
  await trusted.waitFor(/Files \//);
  trusted.type('q');
  assert.equal((await trusted.ended()).status, 0);
});
