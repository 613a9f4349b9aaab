import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {type AddressInfo, createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {parseAddress} from '../../../protocol/address.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {startServer} from '../../../server/server.ts';
import {Sessions} from '../../../source/servers/sessions.ts';
import {QueueStore} from '../../../source/transfers/database/queue-store.ts';
import {LimitSettings} from '../../../source/transfers/queue/queue.ts';
import {freePort} from '../../fixtures/free-port.ts';
import {noise, path, temporaryFolder, until} from '../../fixtures/harness.ts';

function open(t: TestContext, database?: string): {sessions: Sessions; store?: QueueStore} {
  const store = database === undefined ? undefined : new QueueStore(database);
  const limits = new LimitSettings({}, store?.limits);
  const sessions = new Sessions({store, limits, retries: undefined});
  t.after(async () => {
    await sessions[Symbol.asyncDispose]();
    store?.[Symbol.dispose]();
  });
  return {sessions, ...(store === undefined ? {} : {store})};
}

/** @returns the port of a listener that ends with the test. */
async function listen(t: TestContext, onConnection: (socket: Socket) => void): Promise<number> {
  const listener = createServer(socket => {
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  t.after(() => listener.close());
  return (listener.address() as AddressInfo).port; // A listening TCP server always has this type of address.
}

const placeOf = ({saved}: Sessions) => [saved.count, saved.place];

const never = new AbortController().signal;

suite('the server that is open', () => {
  test('is not opened if nothing listens: the message is that of the commands, once', async t => {
    const {sessions} = open(t);
    const port = await freePort();
    await assert.rejects(sessions.connect(parseAddress(`127.0.0.1:${port}`), never), {
      code: 'unreachable',
      message: `No connection to 127.0.0.1:${port}: nothing listens there. Check the address, and that jangada-server runs there`,
    });
  });

  test('is not opened if the server is full: the message is that of the commands, too', async t => {
    const message = 'The server has 64 connections; try again later';
    const port = await listen(t, socket => {
      socket.end(encodeAnswer('error', {code: 'busy', message}));
    });
    const {sessions} = open(t);
    await assert.rejects(sessions.connect(parseAddress(`127.0.0.1:${port}/a`), never), {
      code: 'unreachable',
      message: `No connection to jangada://127.0.0.1:${port}: ${message}`,
    });
  });

  test('can be given up while it does not answer', async t => {
    let asked = 0;
    const port = await listen(t, () => {
      asked++;
    });
    const {sessions} = open(t);
    const stop = new AbortController();
    const connecting = sessions.connect(parseAddress(`127.0.0.1:${port}`), stop.signal);
    await until(() => asked === 1);
    stop.abort();
    await assert.rejects(connecting, error => isJangadaError(error, 'aborted'));
  });

  test('adds its saved files to those of the other servers, with their common folder', async t => {
    const folder = temporaryFolder(t);
    const {sessions} = open(t);
    for (const name of ['a', 'b']) {
      const root = join(folder, name);
      mkdirSync(root);
      writeFileSync(join(root, 'page.txt'), name);
      const server = await startServer({root, port: 0});
      t.after(() => server.close({graceMs: 0}));
      const {queue} = await sessions.connect(parseAddress(server.address), never);
      const to = {folder: join(folder, 'target'), localPath: `${name}/page.txt`};
      queue.add([{remotePath: path('page.txt'), ...to, onConflict: 'fail'}]);
      await until(() => queue.totals().done === 1);
      if (name === 'a') {
        assert.deepEqual(placeOf(sessions), [1, join(folder, 'target/a/page.txt')]);
      }

      // A skipped file was not saved.
      queue.add([{remotePath: path('page.txt'), ...to, onConflict: 'skip'}]);
      await until(() => queue.totals().done === 2);
      await sessions.end();
    }

    assert.deepEqual(placeOf(sessions), [2, join(folder, 'target')]);
  });

  test('counts a file that was written, once, and does not count a file that was already complete', async t => {
    const folder = temporaryFolder(t);
    const target = join(folder, 'target');
    const root = join(folder, 'root');
    mkdirSync(root);
    mkdirSync(target);
    const large = noise(2 ** 21);
    for (const [name, content] of Object.entries({small: 'raft', large, empty: ''})) {
      writeFileSync(join(root, name), content);
      writeFileSync(join(target, name), content);
    }

    writeFileSync(join(root, 'new'), '');
    const server = await startServer({root, port: 0});
    t.after(() => server.close({graceMs: 0}));
    const {sessions} = open(t);
    const {queue} = await sessions.connect(parseAddress(server.address), never);
    let done = 0;
    const resume = async (name: string, size: number) => {
      const place = {folder: target, localPath: name};
      queue.add([{remotePath: path(name), ...place, size, onConflict: 'resume'}]);
      done++;
      await until(() => queue.totals().done === done);
    };
    for (const [name, size] of [
      ['small', 4],
      ['large', 2 ** 21],
      ['empty', 0],
    ] as const) {
      await resume(name, size);
    }

    assert.equal(sessions.saved.count, 0);
    await resume('new', 0);
    for (const name of ['large', 'large']) {
      writeFileSync(join(target, name), noise(2 ** 21, 2).fill(0, 2 ** 20));
      await resume(name, 2 ** 21);
    }

    writeFileSync(join(target, 'small'), 'boat');
    await resume('small', 4);
    assert.deepEqual(placeOf(sessions), [3, target]);
  });

  test('is released at its end: another process may work on its queue, and the next server opens', async t => {
    const folder = temporaryFolder(t);
    const database = join(folder, 'queue.db');
    const servers = await Promise.all(
      [1, 2].map(async () => await startServer({root: folder, port: 0})),
    );
    for (const server of servers) {
      t.after(() => server.close({graceMs: 0}));
    }

    const [first = '', second = ''] = servers.map(({address}) => address);
    const {sessions} = open(t, database);
    using other = new QueueStore(database);
    const name = (address: string) => address.replace('jangada://', '');
    const session = await sessions.connect(parseAddress(first), never);
    session.queue.add([
      {remotePath: path('nothing'), folder, localPath: 'nothing', onConflict: 'fail'},
    ]);
    await until(() => session.queue.totals().failed === 1);
    assert.equal(sessions.saved.count, 0);
    assert.ok(other.isWorkedOn(name(first)));
    await sessions.end();
    assert.ok(!other.isWorkedOn(name(first)));
    const left = sessions.left();
    assert.equal(left.next().done, false);
    assert.deepEqual(left.next().value, [
      {address: parseAddress(first), waiting: 0, paused: 0, failed: 1, bytes: 0},
    ]);
    await sessions.connect(parseAddress(second), never);
    assert.ok(other.isWorkedOn(name(second)));
    await sessions.end();
    await sessions.end();
    assert.ok(!other.isWorkedOn(name(second)));
  });
});
