import assert from 'node:assert/strict';
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {noise, temporaryFolder, until} from '../fixtures/harness.ts';
import {
  processesNaming,
  type SshServer,
  withoutSshd as skip,
  startSshServer,
} from '../fixtures/ssh-server.ts';
import type {Terminal} from '../fixtures/terminal.ts';
import {MiB, startJangada} from './journey.ts';

const timeout = 120_000;
const content = noise(20 * MiB);

type Place = {
  server: SshServer;
  address: string;
  target: string;
  /** Start a client in a terminal, with the ssh of the test. */
  jangada(words: readonly string[]): Terminal;
  /** The names in the folder for sockets. */
  sockets(): string[];
};

/** Start an sshd whose key has the passphrase `one two`, and make a folder with a large file. */
async function startPlace(t: TestContext): Promise<Place> {
  const server = await startSshServer(t, {passphrase: 'one two'});
  const root = join(server.folder, 'served');
  mkdirSync(root);
  writeFileSync(join(root, 'large.bin'), content);
  const target = temporaryFolder(t);
  const runtime = temporaryFolder(t);
  return {
    server,
    address: `ssh://127.0.0.1:${server.port}${root}`,
    target,
    jangada: words =>
      startJangada(t, [...words, '--remote-command', server.remoteCommand], {
        environment: {
          JANGADA_SSH: server.ssh,
          XDG_RUNTIME_DIR: runtime,
          SSH_AUTH_SOCK: undefined,
          JANGADA_SERVER: undefined,
        },
      }),
    sockets: () => readdirSync(runtime),
  };
}

const question = /Enter passphrase for key '[^']*': *$/m;

test('ssh asks once for a passphrase, before the full screen, and four connections need no other', {
  skip,
  timeout,
}, async t => {
  const {address, jangada, server, sockets, target} = await startPlace(t);
  const screen = jangada([address, '--to', target]);
  await screen.waitFor(question);
  assert.ok(!screen.isFullScreen);
  screen.type('one two\r');
  const text = await screen.waitFor(/large\.bin/);
  assert.ok(screen.isFullScreen);
  assert.match(text, /ssh:\/\/127\.0\.0\.1:\d+/);
  screen.type('d');
  const file = join(target, 'large.bin');
  await until(() => readdirSync(target).includes('large.bin'));
  assert.ok(readFileSync(file).equals(content));
  assert.equal(server.logins(), 1);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
  await until(() => processesNaming(server.folder).length === 0);
  assert.deepEqual(sockets(), []);
});

test('a command asks for a passphrase before its output, and Ctrl-C at the question leaves nothing behind', {
  skip,
  timeout,
}, async t => {
  const {address, jangada, server, sockets} = await startPlace(t);
  const list = jangada(['list', '-s', address]);
  await list.waitFor(question);
  list.type('one two\r');
  await list.waitFor(/21 MB .*large\.bin/);
  assert.equal((await list.ended()).status, 0);

  const wrong = jangada(['list', '-s', address]);
  await wrong.waitFor(question);
  wrong.press('ctrl-c');
  assert.equal((await wrong.ended()).status, 130);
  await until(() => processesNaming(server.folder).length === 0);
  assert.deepEqual(sockets(), []);
});

test('the list of servers gives the terminal to ssh for its question, and then takes it back', {
  skip,
  timeout,
}, async t => {
  const {address, jangada, server} = await startPlace(t);
  const screen = jangada([]);
  await screen.waitFor(/Type an address/);
  screen.type(`${address}\r`);
  await screen.waitFor(question);
  assert.ok(!screen.isFullScreen);
  // Some of these letters are keys of the screen, but they belong to the question.
  screen.type('one two\r');
  await screen.waitFor(/large\.bin/);
  assert.ok(screen.isFullScreen);
  assert.equal(server.logins(), 1);

  // The connection stays open for a user who leaves the server and returns.
  screen.type('b');
  await screen.waitFor(/Last used/);
  screen.press('enter');
  await screen.waitFor(/large\.bin/);
  assert.equal(server.logins(), 1);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
});

test('after an unanswered question the list of servers is as before, with the reason', {
  skip,
  timeout,
}, async t => {
  const {address, jangada, server} = await startPlace(t);
  const screen = jangada([]);
  await screen.waitFor(/Type an address/);
  screen.type(`${address}\r`);
  await screen.waitFor(question);
  screen.press('ctrl-c');
  await screen.waitFor(/Type an address|brings the address back/);
  assert.ok(screen.isFullScreen);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  await until(() => processesNaming(server.folder).length === 0);
});

test('a closed window leaves nothing of ssh behind, before and during the full screen', {
  skip,
  timeout,
}, async t => {
  const {address, jangada, server, sockets} = await startPlace(t);
  const asked = jangada([address]);
  await asked.waitFor(question);
  asked.press('ctrl-c');
  await asked.ended();
  await until(() => processesNaming(server.folder).length === 0);
  assert.deepEqual(sockets(), []);

  const shown = jangada([address]);
  await shown.waitFor(question);
  shown.type('one two\r');
  await shown.waitFor(/large\.bin/);
  shown.hangUp();
  await until(() => processesNaming(server.folder).length === 0);
  // The program removes the sockets after ssh has ended, which may be later.
  await until(() => sockets().length === 0);
});
