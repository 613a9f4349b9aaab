import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {connect, createServer} from 'node:net';
import {type TestContext, test} from 'node:test';
import {startServer} from '../../server/server.ts';
import {testDoor} from '../fixtures/door.ts';
import {freePort} from '../fixtures/free-port.ts';
import {noise, startHarness} from '../fixtures/harness.ts';
import {smallDisk} from '../fixtures/small-disk.ts';
import {startGate} from './gate.ts';
import {MiB, startJangada, startJourney} from './journey.ts';

/** The words in the files pane, on a screen of 120 columns. */
function paneText(text: string): string {
  const rows = text.split('\n').slice(2, 10);
  return rows.map(row => row.slice(1, 70).trim()).join(' ');
}

/** Start a server, which is closed at the end of the test. */
async function serve(t: TestContext, root: string, port: number) {
  const server = await startServer({root, port});
  t.after(() => server.close({graceMs: 0}));
  return server;
}

test('without a server the screen says where and why, tries again, and q quits at once', async t => {
  const {root, target} = await startJourney(t, {files: {'boat.txt': ''}});
  const port = await freePort();
  const words = [`jangada://127.0.0.1:${port}`, '--to', target];
  const screen = startJangada(t, words);
  const text = await screen.waitFor(/no connection, trying again/);
  const [header = ''] = text.split('\n');
  assert.match(header, new RegExp(`127\\.0\\.0\\.1:${port} .*no connection, trying again`));
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();

  const patient = startJangada(t, words);
  await patient.waitFor(/no connection, trying again/);
  await serve(t, root, port);
  await patient.waitFor(/1 of 1 ─[\s\S]*boat\.txt/);
  assert.doesNotMatch(patient.text, /no connection/);
});

test('without a server the pane says what to check while it tries again', async t => {
  const {target} = await startJourney(t);
  const port = await freePort();
  const screen = startJangada(t, [`jangada://127.0.0.1:${port}`, '--to', target]);
  const text = await screen.waitFor(/no connection, trying again/);
  assert.match(paneText(text), /Check the address, and that jangada-server runs there/);
});

test('without a server and without retries the folder says what to check, and r reads it later', async t => {
  const {root, target} = await startJourney(t, {files: {'boat.txt': ''}});
  const port = await freePort();
  const words = [`jangada://127.0.0.1:${port}`, '--to', target, '--retries', '0'];
  const screen = startJangada(t, words);
  const text = await screen.waitFor(/This folder cannot be read:/);
  const sentence = paneText(text);
  assert.match(sentence, new RegExp(`127\\.0\\.0\\.1:${port}`));
  assert.match(sentence, /Check the address, and that jangada-server runs there/);
  assert.match(sentence, /\. Press r to try again\./);
  await serve(t, root, port);
  screen.type('r');
  await screen.waitFor(/1 of 1 ─[\s\S]*boat\.txt/);
});

test('when a server stops and starts again, the header says so, and the transfer continues', async t => {
  const content = noise(8 * MiB);
  const {root, server, target, saved} = await startJourney(t, {
    files: {'boat.bin': content, 'folder/page.txt': ''},
  });
  const gate = await startGate(t, server);
  const port = await freePort();
  // The client connects only to this port: first to the gate behind it, later to a server.
  const first = await forward(t, port, Number(new URL(gate.address).port));
  const screen = startJangada(t, [`jangada://127.0.0.1:${port}`, '--to', target]);
  await screen.waitFor(/1 of 2 ─/);
  gate.shut();
  gate.allow(3.5 * MiB);
  screen.press('down', {text: 'd'});
  await screen.waitFor(/[◜◠◝◞◡◟] boat\.bin .* 43 %/);
  await first.close();
  await screen.waitFor(/no connection, trying again/);
  await screen.waitFor(/[◜◠◝◞◡◟] boat\.bin +connecting…/);
  await serve(t, root, port);
  await screen.waitFor(/✓ boat\.bin +verified +8\.39 MB/);
  assert.doesNotMatch(screen.text, /no connection/);
  assert.ok(saved('boat.bin')?.equals(content));
  screen.press('up', 'right');
  await screen.waitFor(/page\.txt/);
});

test('without transfers, the header says that the server is gone, and is as before when the server is back', async t => {
  const {target, root} = await startJourney(t, {files: {'folder/page.txt': '', 'boat.txt': ''}});
  const port = await freePort();
  const server = await serve(t, root, port);
  const screen = startJangada(t, [server.address, '--to', target]);
  const before = (await screen.waitFor(/1 of 2 ─/)).split('\n')[0];
  await server.close({graceMs: 0});
  const lost = /✗ no connection, trying again in \d+s: nothing listens there/;
  await screen.waitFor(lost);
  await serve(t, root, port);
  await screen.waitFor(text => !lost.test(text) && text.split('\n')[0] === before);
  screen.press('right');
  await screen.waitFor(/page\.txt/);
});

for (const size of [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
]) {
  test(`without a server, a folder that was read stays on the screen, to move and mark in, at ${size.columns} x ${size.rows}`, async t => {
    const {target, root} = await startJourney(t, {files: {'a.txt': 'a', 'b.txt': 'b'}});
    const port = await freePort();
    const server = await serve(t, root, port);
    const screen = startJangada(t, [server.address, '--to', target], size);
    await screen.waitFor(/1 of 2 /);
    await server.close({graceMs: 0});
    await screen.waitFor(/✗ Not connected, trying again (?:in \d+s|now)\./);
    screen.type('r ');
    // The marked row, and the next one under the cursor.
    const text = await screen.waitFor(/● a\.txt[\s\S]*▌ +b\.txt/);
    assert.match(text, /Not connected/);
    await serve(t, root, port);
    await screen.waitFor(text => /● a\.txt[\s\S]*▌ +b\.txt/.test(text) && !/onnect/.test(text));
    screen.type('q');
    await screen.ended();
    screen.assertRestored();
  });
}

test('if the server is gone when a folder is opened, the user can go back to the folder above', async t => {
  const {target, root} = await startJourney(t, {files: {'folder/page.txt': '', 'boat.txt': ''}});
  const port = await freePort();
  const server = await serve(t, root, port);
  const screen = startJangada(t, [server.address, '--to', target]);
  await screen.waitFor(/1 of 2 ─/);
  await server.close({graceMs: 0});
  screen.press('right');
  await screen.waitFor(/no connection, trying again[\s\S]*Files \/folder/);
  screen.press('left');
  await screen.waitFor(/no connection, trying again[\s\S]*Files \/ /);
  await serve(t, root, port);
  await screen.waitFor(/1 of 2 ─[\s\S]*▌ . folder\//);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
});

/** Forwards `port` to another port. Closing it also closes its connections. */
async function forward(t: TestContext, port: number, to: number) {
  const ends: Array<() => void> = [];
  const listener = createServer(near => {
    const far = connect(to, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
    }

    ends.push(() => near.destroy());
  });
  await new Promise<void>(resolve => listener.listen(port, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    const closed = new Promise(resolve => listener.close(resolve));
    for (const end of ends) {
      end();
    }

    await closed;
  };
  t.after(close);
  return {close};
}

test('a server that cannot be remembered on a read-only disk is opened, and the reason is said', async t => {
  const config = smallDisk(t, 1);
  if (config === undefined) {
    return;
  }

  spawnSync('mount', ['-o', 'remount,ro', config]);
  const {server, serve} = await startHarness(t, {server: {door: testDoor(t, {tokens: []})}});
  serve('boat.txt', 'boat');
  const screen = startJangada(t, [server.address], {environment: {JANGADA_CONFIG: config}});
  await screen.waitFor(/boat\.txt/);
  assert.match(screen.text, /known-servers' cannot be written \(EROFS\)/);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  assert.match(
    screen.text,
    /known-servers' cannot be written \(EROFS\)\. Set JANGADA_CONFIG to use another folder/,
  );
});
